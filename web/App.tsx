import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { BrowserRouter, Navigate, Route, Routes, useLocation } from 'react-router';
import { ApiError } from './api/api-error.ts';
import { createApiClient } from './api/client.ts';
import { AppContext, useMe, type AppServices } from './api/context.ts';
import { createAccessTokenSource } from './auth/access-token.ts';
import { AuthGate } from './auth/AuthGate.tsx';
import { SignInPage } from './auth/SignInPage.tsx';
import { createId } from './graph/create-id.ts';
import { ErrorBoundary } from './shell/ErrorBoundary.tsx';
import { createNotifier, ToastArea } from './ui/Toast.tsx';
import { TooltipProvider } from './ui/Tooltip.tsx';
import { WorkflowsPage } from './workflows/WorkflowsPage.tsx';

const WorkflowPage = lazy(async () => ({ default: (await import('./canvas/WorkflowPage.tsx')).WorkflowPage }));
const RunPage = lazy(async () => ({ default: (await import('./runs/RunPage.tsx')).RunPage }));
const ComparePage = lazy(async () => ({ default: (await import('./runs/ComparePage.tsx')).ComparePage }));
const TemplatesPage = lazy(async () => ({ default: (await import('./templates/TemplatesPage.tsx')).TemplatesPage }));
const SettingsPage = lazy(async () => ({ default: (await import('./settings/SettingsPage.tsx')).SettingsPage }));
const InvitationPage = lazy(async () => ({ default: (await import('./auth/InvitationPage.tsx')).InvitationPage }));
const MembersPage = lazy(async () => ({ default: (await import('./members/MembersPage.tsx')).MembersPage }));
const AuditPage = lazy(async () => ({ default: (await import('./audit/AuditPage.tsx')).AuditPage }));
const AdminPage = lazy(async () => ({ default: (await import('./admin/AdminPage.tsx')).AdminPage }));

/** The whole web app: its services, its pages. */
export function App() {
  const [{ services, notifier }] = useState(createServices);
  return (
    <ErrorBoundary>
      <AppContext value={services}>
        <QueryClientProvider client={services.queries}>
          <TooltipProvider>
            <ToastArea manager={notifier.manager}>
              <BrowserRouter>
                <Suspense fallback={<div className="h-full bg-page" aria-busy="true" />}>
                  <AuthGate>
                    <Routes>
                      <Route path="/sign-in" element={<SignInPage />} />
                      <Route path="/invitation" element={<InvitationPage />} />
                      <Route path="*" element={<SignedIn />} />
                    </Routes>
                  </AuthGate>
                </Suspense>
              </BrowserRouter>
            </ToastArea>
          </TooltipProvider>
        </QueryClientProvider>
      </AppContext>
    </ErrorBoundary>
  );
}

function createServices(): { services: AppServices; notifier: ReturnType<typeof createNotifier> } {
  const notifier = createNotifier();
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        // An answer of the server does not change by asking again; a lost connection comes back.
        retry: (count, error) => count < 3 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
        refetchOnWindowFocus: false,
      },
    },
  });
  const accessToken = createAccessTokenSource();
  const api = createApiClient({
    fetch: window.fetch.bind(window),
    createId,
    accessToken: () => accessToken.get(),
    onSignedOut: () => {
      if (location.pathname === '/sign-in') return;
      location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    },
  });
  return { services: { api, queries, notify: notifier.notify, createId, accessToken }, notifier };
}

/** Every page that needs an account; the first request without one leads to the sign-in page. */
function SignedIn() {
  const me = useMe();
  const { pathname } = useLocation();
  if (me.data === undefined) {
    return me.error instanceof ApiError && me.error.status !== 401 ? (
      <p role="alert" className="p-10 text-center text-muted">
        {me.error.message}
      </p>
    ) : (
      <div className="h-full" aria-busy="true" />
    );
  }
  return (
    <ErrorBoundary key={pathname}>
      <Routes>
        <Route path="/" element={<WorkflowsPage />} />
        <Route path="/workflows/:workflowId" element={<WorkflowPage />} />
        <Route path="/runs/:runId" element={<RunPage />} />
        <Route path="/runs/:runId/compare/:otherId" element={<ComparePage />} />
        <Route path="/templates" element={<TemplatesPage />} />
        <Route path="/settings" element={<SettingsPage />} />
        <Route path="/members" element={<MembersPage />} />
        <Route path="/audit" element={<AuditPage />} />
        <Route path="/admin" element={<AdminPage />} />
        <Route path="*" element={<Navigate to="/" replace />} />
      </Routes>
    </ErrorBoundary>
  );
}
