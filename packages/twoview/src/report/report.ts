/** @file placeholder */
export async function writeReport(path: string): Promise<string> {
  return path;
}
