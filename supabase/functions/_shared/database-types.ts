// The database's types for supabase-js, generated from the migrations. `npm run types` renews it.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "gazelle_appointments": {
        Row: {
          "appointment_date": string | null;
          "appointment_time": string | null;
          "client_external_id": string | null;
          "created_at": string | null;
          "description": string | null;
          "duration_minutes": number | null;
          "event_type": string | null;
          "external_id": string;
          "id": string;
          "is_all_day": boolean | null;
          "location": string | null;
          "missing_since": string | null;
          "notes": string | null;
          "piano_external_id": string | null;
          "start_datetime": string | null;
          "status": string | null;
          "technicien": string | null;
          "title": string | null;
          "travel_mode": string | null;
          "updated_at": string | null;
        };
        ComputedFields: never;
        Insert: {
          "appointment_date"?: string | null;
          "appointment_time"?: string | null;
          "client_external_id"?: string | null;
          "created_at"?: string | null;
          "description"?: string | null;
          "duration_minutes"?: number | null;
          "event_type"?: string | null;
          "external_id": string;
          "id"?: string;
          "is_all_day"?: boolean | null;
          "location"?: string | null;
          "missing_since"?: string | null;
          "notes"?: string | null;
          "piano_external_id"?: string | null;
          "start_datetime"?: string | null;
          "status"?: string | null;
          "technicien"?: string | null;
          "title"?: string | null;
          "travel_mode"?: string | null;
          "updated_at"?: string | null;
        };
        Update: {
          "appointment_date"?: string | null;
          "appointment_time"?: string | null;
          "client_external_id"?: string | null;
          "created_at"?: string | null;
          "description"?: string | null;
          "duration_minutes"?: number | null;
          "event_type"?: string | null;
          "external_id"?: string;
          "id"?: string;
          "is_all_day"?: boolean | null;
          "location"?: string | null;
          "missing_since"?: string | null;
          "notes"?: string | null;
          "piano_external_id"?: string | null;
          "start_datetime"?: string | null;
          "status"?: string | null;
          "technicien"?: string | null;
          "title"?: string | null;
          "travel_mode"?: string | null;
          "updated_at"?: string | null;
        };
        Relationships: [];
      };
      "gazelle_clients": {
        Row: {
          "city": string | null;
          "company_name": string | null;
          "created_at": string | null;
          "email": string | null;
          "external_id": string;
          "first_name": string | null;
          "id": string;
          "last_name": string | null;
          "locale": string | null;
          "missing_since": string | null;
          "personal_notes": string | null;
          "phone": string | null;
          "postal_code": string | null;
          "preference_notes": string | null;
          "status": string | null;
          "tags": (string)[];
          "updated_at": string | null;
        };
        ComputedFields: never;
        Insert: {
          "city"?: string | null;
          "company_name"?: string | null;
          "created_at"?: string | null;
          "email"?: string | null;
          "external_id": string;
          "first_name"?: string | null;
          "id"?: string;
          "last_name"?: string | null;
          "locale"?: string | null;
          "missing_since"?: string | null;
          "personal_notes"?: string | null;
          "phone"?: string | null;
          "postal_code"?: string | null;
          "preference_notes"?: string | null;
          "status"?: string | null;
          "tags"?: (string)[];
          "updated_at"?: string | null;
        };
        Update: {
          "city"?: string | null;
          "company_name"?: string | null;
          "created_at"?: string | null;
          "email"?: string | null;
          "external_id"?: string;
          "first_name"?: string | null;
          "id"?: string;
          "last_name"?: string | null;
          "locale"?: string | null;
          "missing_since"?: string | null;
          "personal_notes"?: string | null;
          "phone"?: string | null;
          "postal_code"?: string | null;
          "preference_notes"?: string | null;
          "status"?: string | null;
          "tags"?: (string)[];
          "updated_at"?: string | null;
        };
        Relationships: [];
      };
      "gazelle_contacts": {
        Row: {
          "archived": boolean | null;
          "client_external_id": string | null;
          "created_at": string | null;
          "email": string | null;
          "external_id": string;
          "first_name": string | null;
          "id": string;
          "is_default": boolean | null;
          "last_name": string | null;
          "missing_since": string | null;
          "phone": string | null;
          "updated_at": string | null;
        };
        ComputedFields: never;
        Insert: {
          "archived"?: boolean | null;
          "client_external_id"?: string | null;
          "created_at"?: string | null;
          "email"?: string | null;
          "external_id": string;
          "first_name"?: string | null;
          "id"?: string;
          "is_default"?: boolean | null;
          "last_name"?: string | null;
          "missing_since"?: string | null;
          "phone"?: string | null;
          "updated_at"?: string | null;
        };
        Update: {
          "archived"?: boolean | null;
          "client_external_id"?: string | null;
          "created_at"?: string | null;
          "email"?: string | null;
          "external_id"?: string;
          "first_name"?: string | null;
          "id"?: string;
          "is_default"?: boolean | null;
          "last_name"?: string | null;
          "missing_since"?: string | null;
          "phone"?: string | null;
          "updated_at"?: string | null;
        };
        Relationships: [];
      };
      "gazelle_pianos": {
        Row: {
          "client_external_id": string | null;
          "dampp_chaser_humidistat_model": string | null;
          "dampp_chaser_installed": boolean | null;
          "dampp_chaser_mfg_date": string | null;
          "external_id": string;
          "id": string;
          "location": string | null;
          "make": string | null;
          "missing_since": string | null;
          "model": string | null;
          "notes": string | null;
          "serial_number": string | null;
          "status": string | null;
          "tags": (string)[];
          "type": string | null;
          "updated_at": string | null;
          "year": number | null;
        };
        ComputedFields: never;
        Insert: {
          "client_external_id"?: string | null;
          "dampp_chaser_humidistat_model"?: string | null;
          "dampp_chaser_installed"?: boolean | null;
          "dampp_chaser_mfg_date"?: string | null;
          "external_id": string;
          "id"?: string;
          "location"?: string | null;
          "make"?: string | null;
          "missing_since"?: string | null;
          "model"?: string | null;
          "notes"?: string | null;
          "serial_number"?: string | null;
          "status"?: string | null;
          "tags"?: (string)[];
          "type"?: string | null;
          "updated_at"?: string | null;
          "year"?: number | null;
        };
        Update: {
          "client_external_id"?: string | null;
          "dampp_chaser_humidistat_model"?: string | null;
          "dampp_chaser_installed"?: boolean | null;
          "dampp_chaser_mfg_date"?: string | null;
          "external_id"?: string;
          "id"?: string;
          "location"?: string | null;
          "make"?: string | null;
          "missing_since"?: string | null;
          "model"?: string | null;
          "notes"?: string | null;
          "serial_number"?: string | null;
          "status"?: string | null;
          "tags"?: (string)[];
          "type"?: string | null;
          "updated_at"?: string | null;
          "year"?: number | null;
        };
        Relationships: [];
      };
      "gazelle_timeline_entries": {
        Row: {
          "client_id": string | null;
          "description": string | null;
          "entry_type": string | null;
          "estimate_id": string | null;
          "external_id": string;
          "id": string;
          "invoice_id": string | null;
          "missing_since": string | null;
          "occurred_at": string | null;
          "piano_id": string | null;
          "title": string | null;
          "user_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "client_id"?: string | null;
          "description"?: string | null;
          "entry_type"?: string | null;
          "estimate_id"?: string | null;
          "external_id": string;
          "id"?: string;
          "invoice_id"?: string | null;
          "missing_since"?: string | null;
          "occurred_at"?: string | null;
          "piano_id"?: string | null;
          "title"?: string | null;
          "user_id"?: string | null;
        };
        Update: {
          "client_id"?: string | null;
          "description"?: string | null;
          "entry_type"?: string | null;
          "estimate_id"?: string | null;
          "external_id"?: string;
          "id"?: string;
          "invoice_id"?: string | null;
          "missing_since"?: string | null;
          "occurred_at"?: string | null;
          "piano_id"?: string | null;
          "title"?: string | null;
          "user_id"?: string | null;
        };
        Relationships: [];
      };
      "gazelle_users": {
        Row: {
          "email": string | null;
          "external_id": string;
          "first_name": string | null;
          "id": string;
          "last_name": string | null;
          "missing_since": string | null;
          "phone": string | null;
          "role": string | null;
          "updated_at": string | null;
        };
        ComputedFields: never;
        Insert: {
          "email"?: string | null;
          "external_id": string;
          "first_name"?: string | null;
          "id"?: string;
          "last_name"?: string | null;
          "missing_since"?: string | null;
          "phone"?: string | null;
          "role"?: string | null;
          "updated_at"?: string | null;
        };
        Update: {
          "email"?: string | null;
          "external_id"?: string;
          "first_name"?: string | null;
          "id"?: string;
          "last_name"?: string | null;
          "missing_since"?: string | null;
          "phone"?: string | null;
          "role"?: string | null;
          "updated_at"?: string | null;
        };
        Relationships: [];
      };
      "institution_config": {
        Row: {
          "active": boolean;
          "client_external_id": string;
          "created_at": string;
          "display_name": string;
          "locale": string;
          "notes": string | null;
          "options": NonNullable<Json>;
          "slug": string;
        };
        ComputedFields: never;
        Insert: {
          "active"?: boolean;
          "client_external_id": string;
          "created_at"?: string;
          "display_name": string;
          "locale"?: string;
          "notes"?: string | null;
          "options"?: NonNullable<Json>;
          "slug": string;
        };
        Update: {
          "active"?: boolean;
          "client_external_id"?: string;
          "created_at"?: string;
          "display_name"?: string;
          "locale"?: string;
          "notes"?: string | null;
          "options"?: NonNullable<Json>;
          "slug"?: string;
        };
        Relationships: [];
      };
      "pls_evidence": {
        Row: {
          "entry_id": string | null;
          "found_at": string;
          "grade": string;
          "id": number;
          "occurred_at": string | null;
          "piano_id": string;
          "place": number;
          "rule": string | null;
          "says": string;
          "sentence": string;
          "source": string;
        };
        ComputedFields: never;
        Insert: {
          "entry_id"?: string | null;
          "found_at"?: string;
          "grade": string;
          "id"?: never;
          "occurred_at"?: string | null;
          "piano_id": string;
          "place"?: number;
          "rule"?: string | null;
          "says": string;
          "sentence": string;
          "source": string;
        };
        Update: {
          "entry_id"?: string | null;
          "found_at"?: string;
          "grade"?: string;
          "id"?: never;
          "occurred_at"?: string | null;
          "piano_id"?: string;
          "place"?: number;
          "rule"?: string | null;
          "says"?: string;
          "sentence"?: string;
          "source"?: string;
        };
        Relationships: [];
      };
      "pls_rules": {
        Row: {
          "case_sensitive": boolean;
          "changed_at": string;
          "cue": string | null;
          "enabled": boolean;
          "grade": string | null;
          "kind": string;
          "language": string;
          "meaning": string | null;
          "name": string;
          "pattern": string;
          "priority": number;
          "shipped": boolean;
        };
        ComputedFields: never;
        Insert: {
          "case_sensitive"?: boolean;
          "changed_at"?: string;
          "cue"?: string | null;
          "enabled"?: boolean;
          "grade"?: string | null;
          "kind": string;
          "language"?: string;
          "meaning"?: string | null;
          "name": string;
          "pattern": string;
          "priority"?: number;
          "shipped"?: boolean;
        };
        Update: {
          "case_sensitive"?: boolean;
          "changed_at"?: string;
          "cue"?: string | null;
          "enabled"?: boolean;
          "grade"?: string | null;
          "kind"?: string;
          "language"?: string;
          "meaning"?: string | null;
          "name"?: string;
          "pattern"?: string;
          "priority"?: number;
          "shipped"?: boolean;
        };
        Relationships: [];
      };
    };
    Views: {
      "institution_inventory": {
        Row: {
          "badge_reason": string | null;
          "badge_since": string | null;
          "badge_source": string | null;
          "client_external_id": string;
          "has_badge": boolean | null;
          "institution": string;
          "last_service_at": string | null;
          "make": string | null;
          "missing_since": string | null;
          "model": string | null;
          "piano_external_id": string;
          "place": string | null;
          "serial_number": string | null;
          "slug": string;
          "status": string | null;
          "tags": (string)[];
          "type": string | null;
          "year": number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "institution_overview": {
        Row: {
          "active": boolean;
          "badges": number | null;
          "city": string | null;
          "client_external_id": string;
          "company_name": string | null;
          "display_name": string;
          "hidden_pianos": number | null;
          "locale": string;
          "missing_since": string | null;
          "notes": string | null;
          "options": NonNullable<Json>;
          "pianos": number | null;
          "slug": string;
          "status": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "pls_to_check": {
        Row: {
          "entry_id": string | null;
          "grade": string | null;
          "has_badge": boolean | null;
          "name": string | null;
          "occurred_at": string | null;
          "piano": string;
          "place": string | null;
          "reason": string | null;
          "rule": string | null;
          "says": string | null;
          "sentence": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
    };
    Functions: {
      "detect_pls": {
        Args: { "dry_run"?: boolean; "full_pass"?: boolean; "piano_limit"?: number };
        Returns: Json;
      };
      "etiquette_version": { Args: Record<PropertyKey, never>; Returns: number };
      "ownership_explain": { Args: { "col"?: unknown; "key": string; "tbl": unknown }; Returns: Json };
      "ownership_health": { Args: Record<PropertyKey, never>; Returns: Json };
      "ownership_list_history": {
        Args: { "col"?: unknown; "key": string; "row_limit"?: number; "tbl": unknown };
        Returns: Json;
      };
      "ownership_list_policies": { Args: Record<PropertyKey, never>; Returns: Json };
      "pls_accept": { Args: Record<PropertyKey, never>; Returns: undefined };
      "pls_answer": { Args: { "installed": boolean; "piano": string }; Returns: undefined };
      "pls_explain": {
        Args: { "piano": string };
        Returns: {
          "decides": boolean;
          "entry_id": string;
          "grade": string;
          "occurred_at": string;
          "rule": string;
          "says": string;
          "sentence": string;
          "source": string;
        }[];
      };
      "shop_doctor": { Args: Record<PropertyKey, never>; Returns: Json };
      "shop_status": { Args: Record<PropertyKey, never>; Returns: Json };
      "shop_verify": { Args: Record<PropertyKey, never>; Returns: Json };
      "sync_acknowledge_alert": { Args: { "alert_id": number }; Returns: undefined };
      "sync_apply_run": { Args: { "lease": string; "row_limit"?: number; "run_id": number }; Returns: Json };
      "sync_begin_authorization": {
        Args: { "begun_by": string; "redirect_url": string; "state_hash": string; "verifier"?: string };
        Returns: Json;
      };
      "sync_begin_replay": { Args: { "run_id"?: number }; Returns: Json };
      "sync_claim_token": {
        Args: { "configured_access"?: string; "configured_refresh"?: string; "refused"?: string };
        Returns: Json;
      };
      "sync_connect": {
        Args: {
          "access_token": string;
          "authorization_id": number;
          "configured_refresh"?: string;
          "expires_in"?: number;
          "refresh_token"?: string;
        };
        Returns: undefined;
      };
      "sync_due_streams": { Args: { "streams": (string)[] }; Returns: Json };
      "sync_end_authorization": { Args: { "authorization_id": number; "error": Json }; Returns: undefined };
      "sync_end_run": { Args: { "run_id": number }; Returns: Json };
      "sync_fail_run": {
        Args: { "error": Json; "lease": string; "retry_seconds"?: number; "run_id": number; "timings": Json };
        Returns: Json;
      };
      "sync_finish_run": { Args: { "lease": string; "run_id": number; "timings": Json }; Returns: Json };
      "sync_interrupt": { Args: { "stream": string }; Returns: Json };
      "sync_list_alerts": { Args: { "with_closed"?: boolean }; Returns: Json };
      "sync_list_rejected": { Args: { "row_limit"?: number; "run_id"?: number }; Returns: Json };
      "sync_list_runs": { Args: { "row_limit"?: number; "stream"?: string }; Returns: Json };
      "sync_mark_posted": { Args: { "ids": (number)[] }; Returns: undefined };
      "sync_pause_run": { Args: { "lease": string; "run_id": number; "timings": Json }; Returns: Json };
      "sync_plan_run": { Args: { "lease": string; "row_limit"?: number; "run_id": number }; Returns: Json };
      "sync_put_token": {
        Args: {
          "access_token"?: string;
          "error"?: Json;
          "expires_in"?: number;
          "lease": string;
          "refresh_token"?: string;
        };
        Returns: undefined;
      };
      "sync_read_alerts": { Args: Record<PropertyKey, never>; Returns: Json };
      "sync_read_rejected": {
        Args: { "after": number; "lease": string; "row_limit"?: number; "run_id": number };
        Returns: Json;
      };
      "sync_revert_run": {
        Args: { "dry_run"?: boolean; "row_limit"?: number; "run_id": number };
        Returns: Json;
      };
      "sync_show_run": { Args: { "run_id": number }; Returns: Json };
      "sync_stage_page": {
        Args: {
          "account"?: Json;
          "cursor": string;
          "fingerprints"?: string;
          "is_last": boolean;
          "known"?: string;
          "lease": string;
          "next"?: string;
          "records": string;
          "rejected": Json;
          "run_id": number;
          "timings"?: Json;
          "total_count": number;
          "unclear"?: number;
          "unknown_fields"?: number;
        };
        Returns: Json;
      };
      "sync_start_run": {
        Args: {
          "allow"?: (string)[];
          "dry_run"?: boolean;
          "lease_seconds"?: number;
          "started_by": string;
          "stream": string;
        };
        Returns: Json;
      };
      "sync_take_authorization": { Args: { "state_hash": string }; Returns: Json };
      "sync_test_webhook": { Args: Record<PropertyKey, never>; Returns: number };
      "sync_token_status": { Args: Record<PropertyKey, never>; Returns: Json };
      "sync_use_api_key": { Args: Record<PropertyKey, never>; Returns: undefined };
      "sync_wanted_records": {
        Args: { "fingerprints": string; "lease": string; "run_id": number };
        Returns: Json;
      };
      "sync_webhook_answer": { Args: { "request": number }; Returns: Json };
      "tag_client": { Args: { "id": string; "tag": string }; Returns: (string)[] };
      "tag_piano": { Args: { "id": string; "tag": string }; Returns: (string)[] };
      "untag_client": { Args: { "id": string; "tag": string }; Returns: (string)[] };
      "untag_piano": { Args: { "id": string; "tag": string }; Returns: (string)[] };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Insert: infer I;
  } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
    Update: infer U;
  } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
