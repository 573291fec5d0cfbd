import type { DynamicModule, ExecutionContext, Type } from '@nestjs/common';

export { Body, Controller, Get, Module, Post, UseGuards } from '@nestjs/common';
export declare const Public: () => ClassDecorator;
export declare function start(options: {
  url: string;
  port: number;
  imports: (DynamicModule | Type)[];
  isOpen: (context: ExecutionContext) => boolean;
}): Promise<void>;
