import type Stripe from 'stripe'

const code = (id: string, name: string, description: string): Stripe.TaxCode => ({
  id,
  object: 'tax_code',
  description,
  name,
  requirements: null,
})

/** A selection of Stripe's tax codes. The emulator accepts any code of the form txcd_ followed by eight digits. */
export const TAX_CODES: Stripe.TaxCode[] = [
  code('txcd_00000000', 'Nontaxable', 'Any nontaxable good or service.'),
  code(
    'txcd_10000000',
    'General - Electronically Supplied Services',
    'A digital service provided mainly through the internet with minimal human involvement, relying on information technology.',
  ),
  code(
    'txcd_10402000',
    'Digital Audio Visual Works - streamed - non subscription - with limited rights',
    'Video that is streamed for a limited time, for example a rental.',
  ),
  code(
    'txcd_10402100',
    'Digital Audio Visual Works - downloaded - non subscription - with permanent rights',
    'Video that is downloaded and may be kept.',
  ),
  code(
    'txcd_10804002',
    'Digital Audio Visual Works - bundle - downloaded with limited rights and streamed - non subscription',
    'Video that is streamed, with a download for a limited time.',
  ),
  code(
    'txcd_10804003',
    'Digital Audio Visual Works - bundle - downloaded with permanent rights and streamed - non subscription',
    'Video that is streamed, with a download that may be kept.',
  ),
  code('txcd_99999999', 'General - Tangible Goods', 'A physical good that can be moved or touched.'),
]
