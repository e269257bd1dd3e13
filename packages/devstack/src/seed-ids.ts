/**
 * Ids in the demo catalog: a film and its two products; a channel, one of its films, and the channel's product; a film for rent, a film
 * with a day ticket, and a live event.
 */
export const seedIds = {
  film: 'vid_01m85eetz2e8qthwsqr5v0dh8g',
  thirtyDayProduct: 'prod_01m85eetz6e8qthwvnjjs5zz41',
  permanentProduct: 'prod_01m85eetz6e8qthwvz7dvqdg82',
  channelFilm: 'vid_01m85eetz5e8qthwstw5m4z0ws',
  channelProduct: 'prod_01m85eetz7e8qthww1ary28kzp',
  channel: 'chan_01m85eetz6e8qthwtvbkbtp85e',
  rentalFilm: 'vid_01m85eetz5e8qthwtm25fqj1bp',
  rentalProduct: 'rental-48-hours',
  dayFilm: 'vid_01m85eetz5e8qthwt9cfcm8m0a',
  dayProduct: 'day-ticket',
  event: 'phantom-live',
  eventProduct: 'live-ticket',
} as const
