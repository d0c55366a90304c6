/** Indices as they are typed (`0, 2, -1`) or given, or what is wrong with them in words. */
export function readIndices(index: number | string | readonly number[]): readonly number[] | string {
  if (typeof index === 'number') return [index];
  if (typeof index !== 'string') return index;
  const words = index.split(/[\s,;]+/).filter((word) => word !== '');
  if (words.length === 0) return 'There is no index. Enter one or more, such as 0, 2, -1.';
  const wrong = words.find((word) => !/^-?\d{1,9}$/.test(word));
  return wrong === undefined ? words.map(Number) : `"${wrong}" is not an index. Enter whole numbers, such as 0, 2, -1.`;
}
