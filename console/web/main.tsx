import './style.css'
import { render } from 'preact'
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso'
import { Frame } from './frame.tsx'
import { takeToken } from './session.ts'

const Overview = lazy(() => import('./pages/overview.tsx'))
const Watches = lazy(() => import('./pages/watches.tsx'))
const Product = lazy(() => import('./pages/product.tsx'))
const Alerts = lazy(() => import('./pages/alerts.tsx'))
const NotFound = lazy(() => import('./pages/not-found.tsx'))

const App = () => (
  <LocationProvider>
    <Frame>
      <ErrorBoundary>
        <Router>
          <Route path="/" component={Overview} />
          <Route path="/watches" component={Watches} />
          <Route path="/products/:domain/:asin" component={Product} />
          <Route path="/alerts" component={Alerts} />
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
