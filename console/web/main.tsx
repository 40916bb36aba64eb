import './style.css'
import { render } from 'preact'
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso'
import { Frame } from './frame.tsx'
import { takeToken } from './session.ts'

const Overview = lazy(() => import('./pages/overview.tsx'))
const Watches = lazy(() => import('./pages/watches.tsx'))
const Product = lazy(() => import('./pages/product.tsx'))
const Alerts = lazy(() => import('./pages/alerts.tsx'))
const Notifications = lazy(() => import('./pages/notifications.tsx'))
const Reports = lazy(() => import('./pages/reports.tsx'))
const Inbox = lazy(() => import('./pages/inbox.tsx'))
const Deals = lazy(() => import('./pages/deals.tsx'))
const Topics = lazy(() => import('./pages/topics.tsx'))
const Topic = lazy(() => import('./pages/topic.tsx'))
const Groups = lazy(() => import('./pages/groups.tsx'))
const Rejected = lazy(() => import('./pages/rejected.tsx'))
const Schedules = lazy(() => import('./pages/schedules.tsx'))
const Functions = lazy(() => import('./pages/functions.tsx'))
const Alarms = lazy(() => import('./pages/alarms.tsx'))
const Dashboards = lazy(() => import('./pages/dashboards.tsx'))
const NotFound = lazy(() => import('./pages/not-found.tsx'))

const App = () => (
  <LocationProvider>
    <Frame>
      <ErrorBoundary>
        <Router>
          <Route path="/" component={Overview} />
          <Route path="/watches" component={Watches} />
          <Route path="/products/:domain/:asin" component={Product} />
          <Route path="/alerts/:id?" component={Alerts} />
          <Route path="/inbox/:id?" component={Inbox} />
          <Route path="/notifications/:id?" component={Notifications} />
          <Route path="/reports/:user?/:day?" component={Reports} />
          <Route path="/deals" component={Deals} />
          <Route path="/topics" component={Topics} />
          <Route path="/topics/:topic" component={Topic} />
          <Route path="/groups/:group?" component={Groups} />
          <Route path="/rejected/:id?" component={Rejected} />
          <Route path="/schedules" component={Schedules} />
          <Route path="/functions/:name?" component={Functions} />
          <Route path="/alarms/:name?" component={Alarms} />
          <Route path="/dashboards/:name?" component={Dashboards} />
          <Route default component={NotFound} />
        </Router>
      </ErrorBoundary>
    </Frame>
  </LocationProvider>
)

const NoSession = () => (
  <main class="alone">
    <h1>Keeper</h1>
    <p>
      This tab has no session yet. Open the address that the terminal shows: it ends in a key that only you
      see.
    </p>
  </main>
)

const root = document.getElementById('app')
if (root) render(takeToken() === null ? <NoSession /> : <App />, root)
