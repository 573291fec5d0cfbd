import { ApiProperty } from '@nestjs/swagger';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity({ name: 'projects' })
export class Project {
  @ApiProperty()
  @PrimaryGeneratedColumn({ primaryKeyConstraintName: 'pk_projects' })
  id!: number;

  @ApiProperty()
  @Column('varchar', { length: 100 })
  name!: string;
}
