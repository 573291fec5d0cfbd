/** Waits until something holds, and fails after 25 s or what is given. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 25_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It never came to be');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
