import { Injectable, type PipeTransform } from '@nestjs/common';
import { InputContexts } from '../http/validation/input-context';
import { InputInvalidError, type ErrorDetail } from '../http/validation/input-invalid.error';
import { validateInput } from '../http/validation/validate-input';
import type { TenantInput } from '../http/validated-input';
import { ImportRowDto, ImportScimTokensDto } from './import-scim-tokens.dto';

/** A row that may be imported, or what is wrong with it. */
export type CheckedImportRow =
  | { readonly index: number; readonly row: Readonly<ImportRowDto> }
  | { readonly index: number; readonly errors: readonly ErrorDetail[] };

/** Checks an import's body as a whole, and then each row by itself. */
@Injectable()
export class ImportInputPipe implements PipeTransform<
  TenantInput,
  Promise<readonly CheckedImportRow[]>
> {
  constructor(private readonly contexts: InputContexts) {}

  /** @throws InputInvalidError for what is wrong outside the rows */
  async transform({
    tenantRequired,
    tenantId,
    ...input
  }: TenantInput): Promise<readonly CheckedImportRow[]> {
    const context = await this.contexts.of(tenantId, tenantRequired);
    validateInput(ImportScimTokensDto, input, context);
    // The DTO holds no more than the list's outline: rows are taken from the input.
    const { tokens } = input.value as { readonly tokens: readonly unknown[] };
    return tokens.map((value, index) => {
      try {
        const row = validateInput(
          ImportRowDto,
          { source: 'body', value, fields: () => Object.keys(Object(value) as object) },
          context,
        );
        return { index, row };
      } catch (error) {
        if (!(error instanceof InputInvalidError)) throw error;
        return { index, errors: error.detail.map((detail) => located(detail, index)) };
      }
    });
  }
}

/** The error of a row as the error of the body that it is part of. */
function located({ loc, ...rest }: ErrorDetail, index: number): ErrorDetail {
  const [source = 'body', ...path] = loc;
  return { loc: [source, 'tokens', index, ...path], ...rest };
}

/** One error of one field of a row. */
export function rowError(index: number, detail: Pick<ErrorDetail, 'msg' | 'type'>, field?: string) {
  const loc = ['body', 'tokens', index, ...(field === undefined ? [] : [field])];
  return { index, errors: [{ loc, ...detail }] };
}
