/**
 * Stripe's test cards (Stripe's pages "Testing" and "Radar testing"): the number, the name in the ids of test PaymentMethods and tokens
 * (visa for pm_card_visa and tok_visa), and the special behavior. A card is a US Visa credit card unless `is` says otherwise.
 */
export interface CardRow {
  number: string
  names: string
  is: string
  description: string
}

const row = (number: string, names: string, is: string, description: string): CardRow => ({ number, names, is, description })

const CARDS_BY_BRAND = [
  row('4242424242424242', 'visa us', '', 'Succeeds'),
  row('4000056655665556', 'visa_debit', 'debit', 'Visa debit'),
  row('5555555555554444', 'mastercard', 'mastercard', 'Mastercard'),
  row('2223003122003222', '', 'mastercard', 'Mastercard (2-series)'),
  row('5200828282828210', 'mastercard_debit', 'mastercard debit', 'Mastercard debit'),
  row('5105105105105100', 'mastercard_prepaid', 'mastercard prepaid', 'Mastercard prepaid'),
  row('378282246310005', 'amex amex_threeDSecureNotSupported', 'amex', 'American Express'),
  row('371449635398431', '', 'amex', 'American Express'),
  row('6011111111111117', 'discover', 'discover', 'Discover'),
  row('6011000990139424', '', 'discover', 'Discover'),
  row('6011981111111113', '', 'discover debit', 'Discover debit'),
  row('3056930009020004', 'diners', 'diners', 'Diners Club'),
  row('36227206271667', '', 'diners', 'Diners Club (14 digits)'),
  row('6555900000604105', '', 'discover KR', 'BCcard and DinaCard'),
  row('3566002020360505', 'jcb', 'jcb JP', 'JCB'),
  row('6200000000000005', 'unionpay', 'unionpay CN', 'UnionPay'),
  row('6200000000000047', '', 'unionpay CN debit', 'UnionPay debit'),
  row('6205500000000000004', '', 'unionpay CN', 'UnionPay (19 digits)'),
  row('4000002500001001', 'visa_cartesBancaires', 'FR +cartes_bancaires', 'Cartes Bancaires with Visa'),
  row('5555552500001001', 'mastercard_cartesBancaires', 'mastercard FR +cartes_bancaires', 'Cartes Bancaires with Mastercard'),
  row('4000050360000001', 'visa_debit_eftposAuCoBranded', 'AU debit +eftpos_au', 'eftpos Australia with Visa'),
  row(
    '5555050360000080',
    'mastercard_debit_eftposAuCoBranded',
    'mastercard AU debit +eftpos_au',
    'eftpos Australia with Mastercard',
  ),
  row('4000051230000072', 'debit_visaFsaProductCode debit_visaHsaProductCode', 'debit', 'Visa FSA or HSA'),
  row('5200828282828897', 'mastercard_debit_mastercardFsaProductCode', 'mastercard debit', 'Mastercard FSA'),
]

const CARDS_BY_COUNTRY = `4000000320000021 AR, 4000000760000002 BR, 4000001240000000 CA, 4000001520000001 CL, 4000001700000003 CO,
4000001880000005 CR, 4000002180000000 EC, 4000004840008001 MX, 5062210000000009 MX unknown, 4000005910000000 PA, 4000006000000066 PY,
4000006040000068 PE, 4000008580000003 UY, 4000000400000008 AT, 4000000560000004 BE, 4000001000000000 BG, 4000001120000005 BY,
4000001960000008 CY, 4000002030000002 CZ, 4000002080000001 DK, 4000002460000001 FI, 4000002500000003 FR, 4000002760000016 DE,
4000003000000030 GR, 4000003480000005 HU, 4000003720000005 IE, 4000003800000008 IT, 4000004280000005 LV, 4000004400000000 LT,
4000004420000006 LU, 4000004700000007 MT, 4000005280000002 NL, 4000005780000007 NO, 4000006160000005 PL, 4000006200000007 PT,
4000006420000001 RO, 4000006820000007 SA, 4000007050000006 SI, 4000007030000001 SK, 4000007240000007 ES, 4000007520000008 SE,
4000007560000009 CH, 4000008260000000 GB, 4000058260000005 GB debit, 5555558265554449 GB mastercard, 4000000360000006 AU,
4000001560000002 CN, 4000003440000004 HK, 4000003560000008 IN, 4000003920000003 JP, 3530111333300000 JP jcb, 4000004580000002 MY,
4000005540000008 NZ, 4000007020000003 SG, 4000001580000008 TW, 4000007640000003 TH credit, 4000057640000008 TH debit`
  .split(/,\s+/)
  .map((text) => {
    const [number = '', ...traits] = text.split(' ')
    const name = traits.join('_').toLowerCase()
    return row(number, name === 'jp_jcb' || name === 'mx_unknown' ? '' : name, traits.join(' '), `Card from ${traits[0]}`)
  })

const DECLINED_CARDS = [
  row('4000000000000002', 'visa_chargeDeclined chargeDeclined', 'declined:generic_decline', 'Declined'),
  row('4000000000009995', 'visa_chargeDeclinedInsufficientFunds', 'declined:insufficient_funds', 'Declined: insufficient funds'),
  row('4000000000009987', 'visa_chargeDeclinedLostCard', 'declined:lost_card', 'Declined: lost card'),
  row('4000000000009979', 'visa_chargeDeclinedStolenCard', 'declined:stolen_card', 'Declined: stolen card'),
  row(
    '4000000000000069',
    'chargeDeclinedExpiredCard visa_chargeDeclinedExpiredCard',
    'declined:expired_card',
    'Declined: expired card',
  ),
  row(
    '4000000000000127',
    'chargeDeclinedIncorrectCvc visa_chargeDeclinedIncorrectCvc',
    'declined:incorrect_cvc',
    'Declined: incorrect CVC',
  ),
  row(
    '4000000000000119',
    'chargeDeclinedProcessingError visa_chargeDeclinedProcessingError',
    'declined:processing_error',
    'Declined: processing error',
  ),
  row(
    '4000000000006975',
    'visa_chargeDeclinedVelocityLimitExceeded',
    'declined:card_velocity_exceeded',
    'Declined: velocity limit exceeded',
  ),
  row(
    '4000000000000341',
    'chargeCustomerFail visa_chargeCustomerFail',
    'declined:generic_decline',
    'Can be attached to a customer, but payments are declined',
  ),
]

/**
 * With Radar's default settings, payments with the highest risk or a failed CVC check are blocked, but payments with elevated
 * risk or a failed address check are not.
 */
const RADAR_CARDS = [
  row('4100000000000019', 'radarBlock', 'declined:fraudulent blocked risk:highest', 'Blocked by Radar'),
  row('4000000000004954', 'riskLevelHighest', 'declined:fraudulent blocked risk:highest', 'Highest risk: blocked by Radar'),
  row('4000000000009235', 'riskLevelElevated', 'risk:elevated', 'Elevated risk: succeeds'),
  row('4000008400000407', 'highFraudDisputeScore', '', 'High fraud dispute score: succeeds'),
  row('4000008400000159', 'highEfwScore', '', 'High early fraud warning score: succeeds'),
  row('4000008400001017', 'radarDynamicRiskThreshold', '', 'Dynamic risk thresholds: succeeds'),
  row('4001858821843804', 'freeTrialAbuseBlock', '', 'Free trial abuse: succeeds'),
  row('4000008405600003', 'adaptive3dsChallenge', '', 'Adaptive 3D Secure: succeeds'),
  row('4000000000000101', 'cvcCheckFail', 'declined:incorrect_cvc blocked cvc:fail', 'CVC check fails: blocked by Radar'),
  row(
    '4000058400307872',
    'cvcCheckFailElevatedRisk',
    'declined:incorrect_cvc blocked cvc:fail risk:elevated',
    'CVC check fails, elevated risk: blocked',
  ),
  row('4000000000000036', 'avsZipFail', 'zip:fail', 'Postal code check fails: succeeds'),
  row('4000058400306072', 'avsZipFailElevatedRisk', 'zip:fail risk:elevated', 'Postal code check fails, elevated risk: succeeds'),
  row('4000000000000028', 'avsLine1Fail', 'line1:fail', 'Address line 1 check fails: succeeds'),
  row('4000000000000010', 'avsFail', 'zip:fail line1:fail', 'Address checks fail: succeeds'),
  row('4000000000000044', 'avsUnchecked', 'zip:unavailable line1:unavailable', 'Address checks unavailable: succeeds'),
  row('4000000000001208', '', '', 'Captcha challenge: succeeds'),
  row('4000000000003725', '', '', 'Captcha challenge: succeeds'),
]

const DISPUTED_CARDS = [
  row('4000000000000259', 'createDispute', 'disputed:fraudulent', 'Succeeds, then is disputed as fraudulent'),
  row(
    '4000000000002685',
    'createDisputeProductNotReceived',
    'disputed:product_not_received',
    'Succeeds, then is disputed as not received',
  ),
  row('4000000000001976', 'createDisputeInquiry', 'inquiry', 'Succeeds, then gets an inquiry'),
  row('4000000000005423', 'createIssuerFraudRecord', 'warning', 'Succeeds, then gets an early fraud warning'),
  row(
    '4000000404000079',
    'createMultipleDisputes',
    'disputed:fraudulent disputed:product_not_received',
    'Succeeds, then is disputed twice',
  ),
  row(
    '4000000404000038',
    'createCe3EligibleDispute',
    'disputed:fraudulent eligible:visa_compelling_evidence_3',
    'Succeeds, then is disputed (Compelling Evidence 3.0)',
  ),
  row(
    '4000008400000779',
    'createComplianceDispute',
    'disputed:noncompliant eligible:visa_compliance',
    'Succeeds, then gets a Visa compliance dispute',
  ),
  row('4000000000007726', 'pendingRefund', 'refund:pending_first', 'Succeeds; a refund is pending, then succeeds'),
  row('4000000000005126', 'refundFail', 'refund:fails_later', 'Succeeds; a refund succeeds, then fails'),
  row('4000000000000077', 'bypassPending', 'available', 'Succeeds; the money is available immediately'),
  row('4000003720000278', 'bypassPendingInternational', 'IE available', 'Succeeds; the money is available immediately'),
]

const THREE_D_SECURE_CARDS = [
  row('4000002500003155', 'authenticationRequiredOnSetup', '3ds', 'Requires 3D Secure, then succeeds'),
  row('4000002760003184', 'authenticationRequired', '3ds', 'Requires 3D Secure, then succeeds'),
  row('4000003800000446', 'authenticationRequiredSetupForOffSession', '3ds', 'Requires 3D Secure, then succeeds'),
  row(
    '4000008260003178',
    'authenticationRequiredChargeDeclinedInsufficientFunds',
    '3ds declined:insufficient_funds',
    'Requires 3D Secure, then is declined: insufficient funds',
  ),
  row('4000000000003220', 'threeDSecure2Required', '3ds', 'Requires 3D Secure, then succeeds'),
  row('4000000000003063', 'threeDSecureRequired', '3ds', 'Requires 3D Secure, then succeeds'),
  row(
    '4000008400001629',
    'threeDSecureRequiredChargeDeclined',
    '3ds declined:generic_decline',
    'Requires 3D Secure, then is declined',
  ),
  row(
    '4000008400001280',
    'threeDSecureRequiredProcessingError',
    'declined:generic_decline',
    'Requires 3D Secure, which fails: declined',
  ),
  row('4000000000003055', 'threeDSecureOptional', '', '3D Secure is supported, not required: succeeds'),
  row('4000000000003097', 'threeDSecureOptionalProcessingError', '', '3D Secure is supported, not required: succeeds'),
  row('4000582600000094', '', '3ds', 'Requires 3D Secure (out of band)'),
  row('4000582600000045', '', '3ds', 'Requires 3D Secure (one-time passcode)'),
  row('4000582600000102', '', '3ds', 'Requires 3D Secure (single select)'),
  row('4000582600000110', '', '3ds', 'Requires 3D Secure (multi select)'),
  row('4001007020000002', '', '', 'Offline PIN (for Terminal): succeeds'),
  row('4000008260000075', '', 'GB', 'Offline PIN retry (for Terminal): succeeds'),
  row('4001000360000005', '', 'AU', 'Online PIN (for Terminal): succeeds'),
  row('4000002760000008', '', 'DE', 'Online PIN retry (for Terminal): succeeds'),
]

export const CARD_ROWS: CardRow[] = [
  ...CARDS_BY_BRAND,
  ...DECLINED_CARDS,
  ...RADAR_CARDS,
  ...DISPUTED_CARDS,
  ...THREE_D_SECURE_CARDS,
  ...CARDS_BY_COUNTRY,
]
