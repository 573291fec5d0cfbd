import { InvalidArgumentError } from 'commander';

/** Parts between commas. */
export function list(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

/** A whole number that is not negative; its range is for the service to judge. */
export function integer(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It takes a whole number.');
  return Number(text);
}
