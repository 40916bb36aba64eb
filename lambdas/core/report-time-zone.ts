/** The time zone of the daily report: of its schedule, and of the day that it covers. */
export const REPORT_TIME_ZONE = 'Europe/Berlin'
