/** Waits until something holds, and fails after 25 s. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 25_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It never came to be');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
