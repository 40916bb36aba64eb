/** The daily report's time zone: its schedule runs by it, and its day is the day there. */
export const REPORT_TIME_ZONE = 'Europe/Berlin'
