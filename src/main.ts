import { runService } from './app/service';

void runService(process.env);
