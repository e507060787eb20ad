// The answers to the streams' queries, generated from Gazelle's schema. `npm run check -- --write` renews it.

/** A value of an enum, or one that Gazelle added since. */
export type Known<Values extends string> = Values | (string & Record<never, never>);

export type AccessLevel = Known<"ADMIN" | "TECHNICIAN" | "ASSISTANT">;

export type ClientStatus = Known<"ACTIVE" | "INACTIVE" | "PROSPECT" | "NEW">;

export type EventStatus = Known<"ACTIVE" | "CANCELED" | "NO_SHOW" | "COMPLETE">;

export type EventType = Known<"APPOINTMENT" | "PERSONAL" | "MEMO" | "SYNCED">;

export type PianoStatus = Known<"ACTIVE" | "INACTIVE" | "TEMPORARY_STORAGE" | "UNDER_RESTORATION">;

export type PianoType = Known<
  | "UNKNOWN"
  | "GRAND"
  | "SQUARE_GRAND"
  | "SPINET"
  | "STUDIO"
  | "UPRIGHT"
  | "CONSOLE"
  | "DIGITAL"
  | "ORGAN"
  | "HARPSICHORD"
  | "FORTEPIANO"
  | "CLAVICHORD"
  | "AUTOHARP"
  | "HYBRID"
>;

export type SchedulerTravelMode = Known<"DRIVING" | "WALKING" | "BICYCLING" | "TRANSIT">;

export type TimelineEntryType = Known<
  | "CONTACT_EMAIL_AUTOMATED"
  | "CONTACT_EMAIL_MANUAL"
  | "CONTACT_SMS_AUTOMATED"
  | "CONTACT_SMS_MANUAL"
  | "CONTACT_PHONE_AUTOMATED"
  | "CONTACT_PHONE_MANUAL_TALKED"
  | "CONTACT_PHONE_MANUAL_MESSAGE"
  | "CONTACT_POST_AUTOMATED"
  | "CONTACT_POST_MANUAL"
  | "CONTACT_OTHER_MANUAL"
  | "ERROR_MESSAGE"
  | "SYSTEM_MESSAGE"
  | "USER_COMMENT"
  | "SERVICE_ENTRY_AUTOMATED"
  | "SERVICE_ENTRY_MANUAL"
  | "APPOINTMENT"
  | "APPOINTMENT_LOG"
  | "INVOICE"
  | "INVOICE_LOG"
  | "INVOICE_PAYMENT"
  | "INVOICE_SYNC"
  | "PIANO_MEASUREMENT"
  | "SCHEDULED_MESSAGE_EMAIL"
  | "SCHEDULED_MESSAGE_SMS"
  | "SCHEDULED_MESSAGE_PHONE"
  | "ESTIMATE"
  | "ESTIMATE_LOG"
  | "SYSTEM_NOTIFICATION"
>;

export type Users = {
  allUsers: Array<{
    id: string;
    firstName: string;
    lastName: string;
    email: string;
    accessLevel: AccessLevel | null;
    updatedAt: string;
  }>;
};

export type Clients = {
  allClients: {
    totalCount: number;
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    nodes:
      | Array<
        {
          id: string | null;
          companyName: string | null;
          status: ClientStatus | null;
          personalNotes: string | null;
          preferenceNotes: string | null;
          tags: Array<string>;
          createdAt: string | null;
          updatedAt: string | null;
          localization: { locale: string } | null;
          defaultClientLocalization: { locale: string };
          defaultContact: {
            firstName: string | null;
            lastName: string | null;
            defaultEmail: { email: string | null } | null;
            defaultPhone: { phoneNumber: string | null } | null;
            defaultLocation: { municipality: string | null; postalCode: string | null } | null;
          } | null;
        } | null
      >
      | null;
  };
};

export type Contacts = {
  allClients: {
    totalCount: number;
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    nodes:
      | Array<
        {
          id: string | null;
          allContacts: {
            totalCount: number;
            pageInfo: { hasNextPage: boolean; endCursor: string | null };
            nodes:
              | Array<
                {
                  id: string;
                  firstName: string | null;
                  lastName: string | null;
                  isDefault: boolean | null;
                  archived: boolean;
                  createdAt: string | null;
                  updatedAt: string | null;
                  client: { id: string | null } | null;
                  defaultEmail: { email: string | null } | null;
                  defaultPhone: { phoneNumber: string | null } | null;
                } | null
              >
              | null;
          };
        } | null
      >
      | null;
  };
};

export type MoreContacts = {
  client: {
    allContacts: {
      totalCount: number;
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
      nodes:
        | Array<
          {
            id: string;
            firstName: string | null;
            lastName: string | null;
            isDefault: boolean | null;
            archived: boolean;
            createdAt: string | null;
            updatedAt: string | null;
            client: { id: string | null } | null;
            defaultEmail: { email: string | null } | null;
            defaultPhone: { phoneNumber: string | null } | null;
          } | null
        >
        | null;
    };
  } | null;
};

export type Pianos = {
  allPianos: {
    totalCount: number;
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    nodes:
      | Array<
        {
          id: string | null;
          make: string | null;
          model: string | null;
          serialNumber: string | null;
          type: PianoType | null;
          year: number | null;
          location: string | null;
          notes: string | null;
          status: PianoStatus | null;
          tags: Array<string>;
          updatedAt: string | null;
          damppChaserInstalled: boolean | null;
          damppChaserHumidistatModel: string | null;
          damppChaserMfgDate: string | null;
          client: { id: string | null } | null;
        } | null
      >
      | null;
  };
};

export type Appointments = {
  allEventsBatched: {
    totalCount: number;
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    nodes:
      | Array<
        {
          id: string;
          title: string | null;
          start: string | null;
          duration: number | null;
          status: EventStatus | null;
          type: EventType | null;
          isAllDay: boolean | null;
          travelMode: SchedulerTravelMode | null;
          addressLine: string | null;
          notes: string | null;
          createdAt: string | null;
          updatedAt: string | null;
          client: { id: string | null } | null;
          user: { id: string } | null;
          allEventPianos: {
            nodes: Array<{ piano: { id: string | null } } | null> | null;
          } | null;
        } | null
      >
      | null;
  };
};

export type Timeline = {
  allTimelineEntries: {
    totalCount: number;
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    nodes:
      | Array<
        {
          id: string;
          type: TimelineEntryType;
          occurredAt: string;
          summary: string | null;
          comment: string | null;
          relatedType: string | null;
          relatedId: string | null;
          client: { id: string | null };
          piano: { id: string | null } | null;
          user: { id: string } | null;
        } | null
      >
      | null;
  };
};
