import { Component, type ReactNode } from 'react'

interface ErrorBoundaryProps {
  children: ReactNode
  /** When this key changes, for example on navigation, the children are rendered again. */
  resetKey?: string
}

/** Shows an error and a link that reloads the page, instead of a blank page. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false }

  static getDerivedStateFromError = () => ({ hasFailed: true })

  override componentDidUpdate(previous: ErrorBoundaryProps): void {
    if (this.state.hasFailed && previous.resetKey !== this.props.resetKey) this.setState({ hasFailed: false })
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children
    return (
      <div className="notice bad" role="alert">
        <h1>Something went wrong</h1>
        <p>This page couldn't be displayed. You won't be charged twice.</p>
        <p className="actions">
          {/* A plain link instead of client-side navigation, because only a page load gets the current version of the site. */}
          <a className="button" href={window.location.href}>
            Try again
          </a>
          <a href="/">Browse films</a>
        </p>
      </div>
    )
  }
}
