const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a client's id can be one of ours at all; any other is unknown, and no fault. */
export const isResourceId = (id: string): boolean => UUID.test(id);
