import { CircleCheck, CircleDashed } from 'lucide-react';
import { useEffect } from 'react';
import { useLocation } from 'react-router';
import { useConfig, useProviders } from '../api/context.ts';
import { PageFrame } from '../shell/PageFrame.tsx';
import { PartBoundary } from '../shell/PartBoundary.tsx';
import { Button } from '../ui/Button.tsx';
import { ApiKeys } from './ApiKeys.tsx';
import { Files } from './Files.tsx';
import { OwnKeys } from './OwnKeys.tsx';
import { Password } from './Password.tsx';
import { Profile } from './Profile.tsx';
import { Section, sectionAddress } from './Section.tsx';
import { Secrets } from './Secrets.tsx';
import { Sessions } from './Sessions.tsx';
import { countOf } from '../ui/format.ts';
import { Select } from '../ui/Select.tsx';
import { chooseTheme, useThemeChoice, type ThemeChoice } from '../ui/theme.ts';
import { Usage } from './Usage.tsx';
import { lazyPart } from '../ui/lazy-part.ts';
import { addressOf } from '../ui/app-address.ts';

const Budgets = lazyPart(
  () => import('./Budgets.tsx'),
  'Budgets',
  () => <div className="skeleton h-10" />,
).Component;

/** The account, its keys, what the server is set up for, and the look. */
export function SettingsPage() {
  const { data: config } = useConfig();
  const theme = useThemeChoice();
  return (
    <PageFrame title="Settings">
      <h1 className="mb-5 text-lg font-semibold">Settings</h1>
      <div className="flex gap-8">
        <Contents isOwnAccount={config?.auth.mode === 'local'} />
        <div className="flex max-w-180 min-w-0 flex-1 flex-col gap-6">
          <Profile />
          <Password />
          <Sessions />
          <Section title="Appearance">
            <div className="flex items-center justify-between gap-4">
              <span className="text-muted">Theme</span>
              <Select
                label="Theme"
                value={theme}
                groups={[
                  {
                    options: [
                      { value: 'system', label: 'System' },
                      { value: 'light', label: 'Light' },
                      { value: 'dark', label: 'Dark' },
                    ],
                  },
                ]}
                width="w-44"
                onChange={(choice) => chooseTheme(choice as ThemeChoice)}
              />
            </div>
          </Section>
          <ApiKeys />
          <Providers />
          <OwnKeys />
          <Secrets />
          <Section
            title="Budgets"
            description="What model calls may cost. A call that does not fit into a budget is not made."
          >
            <PartBoundary name="The list of budgets">
              <Budgets />
            </PartBoundary>
          </Section>
          <Usage />
          <Files />
          <p className="text-xs text-faint">
            Heddle {config?.version} ·{' '}
            <a href={addressOf('/api/docs')} className="underline">
              API documentation
            </a>
          </p>
        </div>
      </div>
    </PageFrame>
  );
}

/** The sections of the page, beside it where there is room. */
function Contents({ isOwnAccount }: { isOwnAccount: boolean }) {
  const { hash } = useLocation();
  useEffect(() => {
    // The browser itself goes there only when the address is entered anew.
    if (hash !== '') document.getElementById(hash.slice(1))?.scrollIntoView();
  }, [hash]);
  const titles = [
    'Profile',
    ...(isOwnAccount ? ['Password', 'Sessions'] : []),
    'Appearance',
    'API keys',
    'Model providers',
    'Your provider keys',
    'Your secrets',
    'Budgets',
    'Usage',
    'Files',
  ];
  return (
    <nav aria-label="Sections" className="sticky top-6 w-40 shrink-0 self-start max-lg:hidden">
      <ul className="flex flex-col gap-0.5">
        {titles.map((title) => (
          <li key={title}>
            <a
              href={sectionAddress(title)}
              className="block rounded-md px-2.5 py-1 text-muted hover:bg-hover hover:text-ink"
            >
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Providers() {
  const providers = useProviders();
  return (
    <Section title="Model providers" description="Configured on the server. Keys never reach the browser.">
      <ul aria-label="Model providers" className="flex flex-col">
        {providers.data?.map((provider) => (
          <li key={provider.id} className="flex items-start gap-3 border-b border-line py-2 last:border-0">
            {provider.configured ? (
              <CircleCheck size={16} aria-hidden className="mt-0.5 text-status-completed" />
            ) : (
              <CircleDashed size={16} aria-hidden className="mt-0.5 text-faint" />
            )}
            <span className="min-w-0 flex-1">
              <span className="block font-medium">{provider.title}</span>
              <span className="block text-xs text-muted">
                {provider.configured ? (
                  `Ready, ${countOf(provider.models.length, 'model')}`
                ) : (
                  <>
                    Not set up. Put <code>{provider.variable}</code> into the environment of the server and start it
                    again.
                  </>
                )}
              </span>
              {provider.error !== undefined && <span className="block text-xs text-danger">{provider.error}</span>}
            </span>
            {provider.configured && (
              <Button size="sm" disabled={providers.isFetching} onClick={() => void providers.refetch()}>
                {providers.isFetching ? 'Testing …' : 'Test'}
              </Button>
            )}
          </li>
        ))}
        {providers.isPending && <li className="skeleton h-10" />}
        {providers.error !== null && <li className="text-danger">{providers.error.message}</li>}
      </ul>
    </Section>
  );
}
