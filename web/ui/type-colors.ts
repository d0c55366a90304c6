import { dataTypes, partsOf, rowOf, type DataType } from '../../core/data-types/table.ts';

/** The color of a data type in the present theme, as CSS; a list has that of what it lists. */
export function typeColor(dataType: DataType): string {
  return `var(--type-${partsOf(dataType).element})`;
}

/** Gives the page the colors of all data types, for both themes. Call once, before the first render. */
export function startTypeColors(): void {
  const colors = (theme: 'dark' | 'light') =>
    dataTypes.map((type) => `--type-${type}:${rowOf(type).color[theme]}`).join(';');
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`:root{${colors('dark')}}:root[data-theme=light]{${colors('light')}}`);
  document.adoptedStyleSheets = [sheet];
}
