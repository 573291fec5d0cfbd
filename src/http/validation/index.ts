export type { ConstraintName } from './constraints';
export * from './decorators';
export { InputInvalidError, type ErrorDetail, type InputSource } from './input-invalid.error';
export { decodeJsonBody, fromParsedBody, isJsonType, type DecodedBody } from './json-body';
export { validateInput, type RawInput } from './validate-input';
