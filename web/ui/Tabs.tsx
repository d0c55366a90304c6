import { Tabs as BaseTabs } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';

interface TabsProps {
  label: string;
  value: string;
  tabs: readonly { value: string; label: ReactNode; panel: ReactNode }[];
  onChange(value: string): void;
  className?: string;
}

/** Panels of which one is shown. */
export function Tabs({ label, value, tabs, onChange, className }: TabsProps) {
  return (
    <BaseTabs.Root value={value} onValueChange={(next: string) => onChange(next)} className={className}>
      <BaseTabs.List aria-label={label} className="relative flex gap-1 border-b border-line px-2">
        {tabs.map((tab) => (
          <BaseTabs.Tab
            key={tab.value}
            value={tab.value}
            className="-mb-px border-b-2 border-transparent px-2 py-1.5 text-sm text-muted hover:text-ink data-[active]:border-accent-text data-[active]:text-ink"
          >
            {tab.label}
          </BaseTabs.Tab>
        ))}
      </BaseTabs.List>
      {tabs.map((tab) => (
        <BaseTabs.Panel key={tab.value} value={tab.value} className="outline-none">
          {tab.panel}
        </BaseTabs.Panel>
      ))}
    </BaseTabs.Root>
  );
}
