import type { Language } from './texts.ts'

export const de: Language = {
  mails: {
    purchaseCompleted: {
      subject: 'Ihr Kauf: {title}',
      heading: 'Vielen Dank für Ihren Kauf',
      paragraphs: [
        '{site} bestätigt Ihre Bestellung von „{title}“. Bitte bewahren Sie diese E-Mail auf: Sie ist die Bestätigung Ihres Vertrags.',
      ],
    },
    withdrawn: {
      subject: 'Ihr Widerruf: {title}',
      heading: 'Ihr Widerruf ist eingegangen',
      paragraphs: [
        'Ihr Widerruf des Vertrags über „{title}“ ist am {time} bei {site} eingegangen. Der gekaufte Zugang ist beendet.',
        'Wenn Sie etwas bezahlt haben, wird es auf das Zahlungsmittel erstattet, mit dem Sie bezahlt haben. Danach erhalten Sie eine weitere E-Mail.',
      ],
    },
    refunded: {
      subject: 'Erstattung für {title}',
      heading: 'Ihre Erstattung',
      paragraphs: [
        'Wir haben {amount} für „{title}“ erstattet. Das Geld geht auf das Zahlungsmittel zurück, mit dem Sie bezahlt haben, meist innerhalb von 5 bis 10 Tagen.',
        'Der gekaufte Zugang ist beendet.',
      ],
    },
    partlyRefunded: {
      subject: 'Teilerstattung für {title}',
      heading: 'Ihre Teilerstattung',
      paragraphs: [
        'Wir haben {amount} für „{title}“ erstattet. Das Geld geht auf das Zahlungsmittel zurück, mit dem Sie bezahlt haben, meist innerhalb von 5 bis 10 Tagen.',
      ],
    },
    takenBack: {
      subject: 'Ihre Bestellung von {title} wurde storniert',
      heading: 'Ihre Bestellung wurde storniert',
      paragraphs: ['Ihre kostenlose Bestellung von „{title}“ wurde storniert, und der Zugang daraus ist beendet.'],
    },
    accessEnding: {
      subject: '{title}: Ihr Zugang endet bald',
      heading: 'Ihr Zugang endet bald',
      paragraphs: ['Sie können „{title}“ bis {time} ansehen.'],
    },
    rentalNotStarted: {
      subject: '{title}: bald starten',
      heading: 'Bald starten',
      paragraphs: ['Sie haben „{title}“ noch nicht angesehen. Starten Sie bis {time}; danach haben Sie {duration} Zeit.'],
    },
    eventStarting: {
      subject: '{title} beginnt bald',
      heading: '„{title}“ beginnt bald',
      paragraphs: ['Beginn: {time}.'],
    },
    eventMoved: {
      subject: '{title} hat einen neuen Termin',
      heading: '„{title}“ hat einen neuen Termin',
      paragraphs: ['Neuer Beginn: {time}. Ihr Kauf bleibt gültig und gilt für den neuen Termin.'],
    },
    eventCanceled: {
      subject: '{title} wurde abgesagt',
      heading: '„{title}“ wurde abgesagt',
      paragraphs: [
        'Es tut uns leid: „{title}“ findet nicht statt.',
        'Wir erstatten {amount}. Das Geld geht auf das Zahlungsmittel zurück, mit dem Sie bezahlt haben.',
      ],
    },
    freeEventCanceled: {
      subject: '{title} wurde abgesagt',
      heading: '„{title}“ wurde abgesagt',
      paragraphs: ['Es tut uns leid: „{title}“ findet nicht statt.'],
    },
    partCanceled: {
      subject: '{title} wurde abgesagt',
      heading: '„{title}“ wurde abgesagt',
      paragraphs: [
        'Es tut uns leid: „{title}“ findet nicht statt.',
        'Es gehört zu „{container}“. Ihr Zugang zum Rest bleibt bestehen.',
      ],
    },
  },
  labels: {
    item: 'Titel',
    product: 'Angebot',
    order: 'Bestellnummer',
    date: 'Datum',
    subtotal: 'Zwischensumme',
    discount: 'Rabatt',
    discountWithCode: 'Rabatt ({code})',
    tax: 'Steuer',
    includedTax: 'Darin enthaltene Steuer',
    total: 'Gesamtbetrag',
    refund: 'Erstattet',
    consent: 'Ihre Zustimmung',
    consentGiven:
      'Sie haben am {time} zugestimmt, sofort Zugang zu erhalten und Ihr Widerrufsrecht zu verlieren, sobald Sie mit dem Ansehen beginnen (Version {version}).',
    withdrawn: 'Widerruf eingegangen',
    starts: 'Beginn',
    expires: 'Zugang bis',
    access: 'Zugang',
    permanent: 'unbefristet',
    startBy: 'Ansehen starten bis',
    watchWithin: 'Zeit zum Ansehen',
    hours: '{duration} nach dem Start',
    watch: 'Jetzt ansehen',
    receipt: 'Beleg',
    invoice: 'Rechnung',
    terms: 'AGB',
  },
}
