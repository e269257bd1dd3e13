/** Links to Stripe's invoice page and to the invoice PDF. */
export const InvoiceLinks = ({ page, pdf }: { page: string; pdf: string | null }) => (
  <span className="links">
    <a href={page} target="_blank" rel="noreferrer">
      View invoice
    </a>
    {pdf !== null && (
      <a href={pdf} target="_blank" rel="noreferrer">
        Download PDF
      </a>
    )}
  </span>
)
