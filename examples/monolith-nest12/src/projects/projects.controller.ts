import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { CreateProjectDto } from './create-project.dto.js';
import { Project } from './project.entity.js';

@Controller('projects')
@ApiTags('Projects')
@ApiBearerAuth()
export class ProjectsController {
  constructor(
    @InjectRepository(Project, 'platform') private readonly projects: Repository<Project>,
  ) {}

  @Get()
  @ApiOkResponse({ type: [Project] })
  list(): Promise<Project[]> {
    return this.projects.find({ order: { id: 'ASC' } });
  }

  @Post()
  @ApiCreatedResponse({ type: Project })
  create(@Body() { name }: CreateProjectDto): Promise<Project> {
    return this.projects.save({ name });
  }
}
