import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { IsString, Length } from 'class-validator';
import { Repository } from 'typeorm';
import { Room } from './room.entity.js';

class CreateRoomDto {
  @ApiProperty({ minLength: 1, maxLength: 100 })
  @IsString()
  @Length(1, 100)
  displayName!: string;
}

@Controller({ path: 'rooms', version: '1' })
@ApiTags('Rooms')
class RoomsController {
  constructor(@InjectRepository(Room) private readonly rooms: Repository<Room>) {}

  @Get()
  @ApiOkResponse({ type: [Room] })
  list(): { rooms: Promise<Room[]> } {
    return { rooms: this.rooms.find({ order: { id: 'ASC' } }) };
  }

  @Post()
  @ApiCreatedResponse({ type: Room })
  create(@Body() { displayName }: CreateRoomDto): Promise<Room> {
    return this.rooms.save({ displayName });
  }
}

@Module({ imports: [TypeOrmModule.forFeature([Room])], controllers: [RoomsController] })
export class RoomsModule {}
