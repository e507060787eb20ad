import { dateTime, type Fields, LAST_DAY, momentOf, recordId, type Shop } from "./shop.ts";

interface Person {
  firstName: string;
  lastName: string;
  accessLevel: string;
  status: string;
}

const PEOPLE: readonly Person[] = [
  { firstName: "Odile", lastName: "Sansfaçon", accessLevel: "ADMIN", status: "ACTIVE" },
  { firstName: "Théo", lastName: "Desruisseaux", accessLevel: "TECHNICIAN", status: "ACTIVE" },
  { firstName: "Jean-Noël", lastName: "L'Espérance", accessLevel: "TECHNICIAN", status: "ACTIVE" },
  { firstName: "Maïté", lastName: "Brisebois", accessLevel: "TECHNICIAN", status: "ACTIVE" },
  { firstName: "Fiona", lastName: "O’Hara", accessLevel: "ASSISTANT", status: "ACTIVE" },
  { firstName: "Zénon", lastName: "Quesnel", accessLevel: "TECHNICIAN", status: "INACTIVE" },
  { firstName: "Bureau", lastName: "", accessLevel: "BOOKKEEPER", status: "ACTIVE" },
];

/** The people of the shop, always the same. One has an access level that is not in the schema. */
export function user(shop: Shop, index: number): Fields {
  const { firstName, lastName, accessLevel, status } = PEOPLE[index] as Person;
  const mailbox = `${firstName}.${lastName}`.normalize("NFD").replace(/[^A-Za-z]/g, "").toLowerCase();
  return {
    id: recordId(shop, "user", index),
    firstName,
    lastName,
    fullName: `${firstName} ${lastName}`.trim(),
    email: `${mailbox}@accord.example`,
    accessLevel,
    status,
    color: ["#1f6f8b", "#99a8b2", "#e6d5b8", "#c06014", "#536162", "#424642", "#8b1f3f"][index],
    hasLimitedAccess: accessLevel !== "ADMIN",
    isSchedulable: accessLevel === "TECHNICIAN",
    region: "QC",
    timezone: "America/Montreal",
    createdAt: dateTime(momentOf(index, 70, 0.5)),
    updatedAt: dateTime(LAST_DAY - index * 86_400_000),
    ...SETTINGS,
  };
}

const SETTINGS = {
  calendarDefaultSendAppointmentConfirmation: true,
  calendarDefaultShowAvailability: false,
  calendarDefaultShowConfirmationWarnings: true,
  calendarDefaultTitleMode: "NAME_CITY",
  calendarDefaultUserId: null,
  calendarDefaultView: { users: "all" },
  calendarDefaultViewType: "WEEK",
  calendarFontSize: "NORMAL",
  calendarIcsExportEventTypes: ["APPOINTMENT", "PERSONAL"],
  calendarMakeCompletedAndPastEventsDimmer: true,
  calendarPromptToScheduleAfterCompletion: true,
  calendarShowCanceledAppointments: false,
  calendarShowDetailsOnIcsExport: true,
  calendarShowNonschedulableUsers: false,
  canViewCompanyMetrics: false,
  defaultBuffer: 15,
  genericReferralUrl: "https://accord.example/reserver",
  intercomUserHash: "",
  isTrafficEnabled: true,
  reservationNotificationsForAllUsers: false,
  sharedCalendarToken: null,
  uiExpandedTimeline: false,
  wantsReservationNotifications: true,
};
