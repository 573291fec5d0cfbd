import { mutability } from '../protocol/scim.error';
import type { Attribute } from '../schema/attribute';
import type { AttributePlace } from '../schema/attribute-index';
import { isObject, type ScimDocument } from '../schema/document';
import { isCleared, readAttribute } from '../schema/read-value';
import type { Schema } from '../schema/schema';
import { changeList } from './change-list';
import type { PatchOperation, PatchStep } from './patch-request';
import { readPatchParts, readPatchValue, unwrapList } from './patch-value';

/**
 * Applies the steps in their order to a copy of the document.
 *
 * @throws ScimError for a step that cannot be done; nothing has changed then
 */
export function applyPatch(document: ScimDocument, steps: readonly PatchStep[]): ScimDocument {
  const changed = structuredClone(document);
  for (const step of steps) applyStep(changed, step);
  return changed;
}

function applyStep(document: ScimDocument, step: PatchStep): void {
  const { place, operation, value } = step;
  if (place.kind === 'extension') {
    changeExtension(document, place.extension, operation, value);
    return;
  }
  if (place.extension === null) {
    changeAttribute(document, place, step);
    return;
  }
  inExtension(document, place.extension, (extension) => {
    changeAttribute(extension, place, step);
  });
}

function changeExtension(
  document: ScimDocument,
  schema: Schema,
  operation: PatchOperation,
  value: unknown,
): void {
  if (operation === 'remove' || (operation === 'replace' && value === null)) {
    Reflect.deleteProperty(document, schema.id);
    return;
  }
  inExtension(document, schema.id, (extension) => {
    for (const [attribute, part] of readPatchParts(schema, value)) {
      const place = { kind: 'attribute', extension: schema.id, attribute, sub: null } as const;
      changeAttribute(extension, place, { operation, place, chosen: null, value: part });
    }
  });
}

function inExtension(
  document: ScimDocument,
  urn: string,
  change: (extension: ScimDocument) => void,
): void {
  const current = document[urn];
  const extension = isObject(current) ? current : {};
  change(extension);
  set(document, urn, extension);
}

function changeAttribute(container: ScimDocument, place: AttributePlace, step: PatchStep): void {
  const { attribute, sub } = place;
  if (step.operation === 'remove' && attribute.required) {
    throw mutability(`${attribute.name} is required`);
  }
  // A password is checked and goes no further: this server keeps none.
  if (attribute.mutability === 'writeOnly') readAttribute(attribute, step.value);
  else if (attribute.multiValued) {
    set(container, attribute.name, changeList(listOf(container, attribute), place, step));
  } else if (attribute.type === 'complex') changeComplex(container, attribute, sub, step);
  else setValue(container, attribute, step);
}

function changeComplex(
  container: ScimDocument,
  attribute: Attribute,
  sub: Attribute | null,
  step: PatchStep,
): void {
  const isUnassigned = step.operation === 'remove' || step.value === null;
  if (sub === null && isUnassigned && step.operation !== 'add') {
    Reflect.deleteProperty(container, attribute.name);
    return;
  }
  const current = container[attribute.name];
  // A bare value is all there is to say: what described the old one goes with it.
  const isBare = sub === null && typeof unwrapList(step.value) === 'string';
  const object = isObject(current) && !isBare ? current : {};
  const parts = sub === null ? readPatchParts(attribute, step.value) : [];
  for (const [part, value] of parts) set(object, part.name, readPatchValue(part, value));
  if (sub !== null) setValue(object, sub, step);
  const named = sub === null ? parts.map(([{ name }]) => name) : [sub.name];
  const isGone = named.includes('value') && (object.value === undefined || isCleared(object));
  set(container, attribute.name, isGone ? undefined : object);
}

function setValue(container: ScimDocument, attribute: Attribute, step: PatchStep): void {
  const value = step.operation === 'remove' ? undefined : readPatchValue(attribute, step.value);
  // Adding nothing adds nothing; replacing by nothing unassigns.
  if (value === undefined && step.operation === 'add') return;
  set(container, attribute.name, value);
}

function listOf(container: ScimDocument, { name }: Attribute): ScimDocument[] {
  const current = container[name];
  return Array.isArray(current) ? current.filter(isObject) : [];
}

/** Sets a member, or drops it where nothing is left: unassigned is absent. */
function set(container: ScimDocument, name: string, value: unknown): void {
  const empty =
    value === undefined ||
    (Array.isArray(value) && value.length === 0) ||
    (isObject(value) && Object.keys(value).length === 0);
  if (empty) Reflect.deleteProperty(container, name);
  else container[name] = value;
}
