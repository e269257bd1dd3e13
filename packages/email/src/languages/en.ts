import type { Language } from './texts.ts'

export const en: Language = {
  mails: {
    purchaseCompleted: {
      subject: 'Your purchase: {title}',
      heading: 'Thank you for your purchase',
      paragraphs: ['{site} confirms your order for “{title}”. Please keep this e-mail: it is the confirmation of your contract.'],
    },
    withdrawn: {
      subject: 'Your withdrawal: {title}',
      heading: 'Withdrawal received',
      paragraphs: [
        '{site} received your withdrawal from the contract for “{title}” on {time}. The access that you bought has ended.',
        'If you paid for it, the money goes back to the payment method that you used. You will then get another e-mail.',
      ],
    },
    refunded: {
      subject: 'Refund for {title}',
      heading: 'Your refund',
      paragraphs: [
        'We have refunded {amount} for “{title}”. The money goes back to the payment method that you used, usually within 5 to 10 days.',
        'The access that you bought has ended.',
      ],
    },
    partlyRefunded: {
      subject: 'Partial refund for {title}',
      heading: 'Your partial refund',
      paragraphs: [
        'We have refunded {amount} for “{title}”. The money goes back to the payment method that you used, usually within 5 to 10 days.',
      ],
    },
    takenBack: {
      subject: 'Your order for {title} was canceled',
      heading: 'Your order was canceled',
      paragraphs: ['Your free order for “{title}” was canceled, and the access that came with it has ended.'],
    },
    accessEnding: {
      subject: '{title}: your access ends soon',
      heading: 'Your access ends soon',
      paragraphs: ['You can watch “{title}” until {time}.'],
    },
    rentalNotStarted: {
      subject: '{title}: start watching soon',
      heading: 'Start watching soon',
      paragraphs: ['You have not watched “{title}” yet. Start by {time}. After you start, you have {duration}.'],
    },
    eventStarting: {
      subject: '{title} starts soon',
      heading: '“{title}” starts soon',
      paragraphs: ['It starts on {time}.'],
    },
    eventMoved: {
      subject: '{title} has a new date',
      heading: '“{title}” has a new date',
      paragraphs: ['It now starts on {time}. Your purchase remains valid for the new date.'],
    },
    eventCanceled: {
      subject: '{title} was canceled',
      heading: '“{title}” was canceled',
      paragraphs: [
        'We are sorry, but “{title}” will not take place.',
        'We will refund {amount}. The money goes back to the payment method that you used.',
      ],
    },
    freeEventCanceled: {
      subject: '{title} was canceled',
      heading: '“{title}” was canceled',
      paragraphs: ['We are sorry, but “{title}” will not take place.'],
    },
    partCanceled: {
      subject: '{title} was canceled',
      heading: '“{title}” was canceled',
      paragraphs: [
        'We are sorry, but “{title}” will not take place.',
        'It is part of “{container}”. Your access to the rest continues.',
      ],
    },
  },
  labels: {
    item: 'Item',
    product: 'Offer',
    order: 'Order number',
    date: 'Date',
    subtotal: 'Subtotal',
    discount: 'Discount',
    discountWithCode: 'Discount ({code})',
    tax: 'Tax',
    includedTax: 'Including tax',
    total: 'Total',
    refund: 'Refunded',
    consent: 'Your consent',
    consentGiven:
      'On {time}, you agreed to get access right away, and to lose your right of withdrawal when you start watching (version {version}).',
    withdrawn: 'Withdrawal received',
    starts: 'Starts',
    expires: 'Access until',
    access: 'Access',
    permanent: 'permanent',
    startBy: 'Start watching by',
    watchWithin: 'Time to watch',
    hours: '{duration} after the start',
    watch: 'Watch now',
    receipt: 'Receipt',
    invoice: 'Invoice',
    terms: 'Terms',
  },
}
