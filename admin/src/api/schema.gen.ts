/** What `/api/openapi.json` says, as types. Made by `npm run api`; changes of it are lost. */
export interface paths {
    "/api/collections/{collection}/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List records, under the list rule. */
        get: operations["recordsList"];
        put?: never;
        /** Create a record, under the create rule. */
        post: operations["recordsCreate"];
        /** Delete every record that a filter finds. */
        delete: operations["recordsDeleteWhere"];
        options?: never;
        head?: never;
        /** Change every record that a filter finds. */
        patch: operations["recordsUpdateWhere"];
        trace?: never;
    };
    "/api/collections/{collection}/records/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count records, under the list rule. */
        get: operations["recordsCount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/records/aggregate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sums and other aggregates, under the list rule. */
        get: operations["recordsAggregate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/records/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** View a record, under the view rule. */
        get: operations["recordsView"];
        put?: never;
        post?: never;
        /** Delete a record, under the delete rule. */
        delete: operations["recordsDelete"];
        options?: never;
        head?: never;
        /** Change a record, under the update rule. */
        patch: operations["recordsUpdate"];
        trace?: never;
    };
    "/api/collections/{collection}/records/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export a list as CSV, JSON or NDJSON. */
        get: operations["transferExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/records/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Import CSV, JSON or NDJSON. */
        post: operations["transferImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Several writes in one transaction. */
        post: operations["batchSend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/files/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A short token for protected files. */
        post: operations["filesToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An address in the bucket for a file that a record will take by `{"upload": token}`. */
        post: operations["filesOffer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/files/{collection}/{id}/{filename}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A file of a record, or a thumb of it. */
        get: operations["filesView"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/auth-methods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How one can sign in to a collection. */
        get: operations["authMethods"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/auth-with-password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with a password. */
        post: operations["authWithPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/request-otp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a one-time password. */
        post: operations["authRequestOtp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/auth-with-otp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with a one-time password. */
        post: operations["authWithOtp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/request-password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a link for a new password. */
        post: operations["authRequestPasswordReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/confirm-password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set a new password, with its link's token. */
        post: operations["authConfirmPasswordReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/request-verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a link that verifies an address. */
        post: operations["authRequestVerification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/confirm-verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Verify an address, with its link's token. */
        post: operations["authConfirmVerification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/request-email-change": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a link to another address. */
        post: operations["authRequestEmailChange"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/confirm-email-change": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take another address, with its link's token. */
        post: operations["authConfirmEmailChange"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/auth-with-oauth2": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with an account elsewhere. */
        post: operations["authWithOauth2"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/oauth2-redirect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where providers of accounts send browsers back to. */
        get: operations["authOauth2Redirect"];
        put?: never;
        /** The same for those that post. */
        post: operations["authOauth2RedirectPosted"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/auth-refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new token for the one at hand. */
        post: operations["authRefresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}/impersonate/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A token for somebody else. */
        post: operations["authImpersonate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List collections. */
        get: operations["collectionsList"];
        put?: never;
        /** Create a collection. */
        post: operations["collectionsCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Create and change many collections at once. */
        put: operations["collectionsImport"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/meta/scaffolds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** collections: scaffolds. */
        get: operations["collectionsScaffolds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/meta/oauth2-providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** collections: oauth2 providers. */
        get: operations["collectionsOauth2Providers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/meta/dry-run-view": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a view would be, without making it. */
        post: operations["collectionsDryRunView"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** View a collection. */
        get: operations["collectionsView"];
        put?: never;
        post?: never;
        /** Delete a collection with its records. */
        delete: operations["collectionsDelete"];
        options?: never;
        head?: never;
        /** Change a collection; records keep their values. */
        patch: operations["collectionsUpdate"];
        trace?: never;
    };
    "/api/collections/{collection}/truncate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete every record of a collection. */
        delete: operations["collectionsTruncate"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/rules/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Find the mistakes of a rule and say it in words. */
        post: operations["rulesCheck"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/rules/try": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try what a rule says to whom about what. */
        post: operations["rulesAttempt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/realtime": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes as they happen, over SSE or WebSocket. */
        get: operations["realtimeConnect"];
        put?: never;
        /** Say what an SSE connection listens to. */
        post: operations["realtimeSubscribe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/realtime/publish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say something on a topic of its own. */
        post: operations["realtimePublish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/realtime/clients": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is connected. */
        get: operations["realtimeClients"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List plugins. */
        get: operations["pluginsList"];
        put?: never;
        /** Upload a plugin, or its next version. */
        post: operations["pluginsUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/figures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What all plugins have used together. */
        get: operations["pluginsFigures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** View a plugin. */
        get: operations["pluginsView"];
        put?: never;
        post?: never;
        /** Remove a plugin with all that belongs to it. */
        delete: operations["pluginsDelete"];
        options?: never;
        head?: never;
        /** Switch a plugin on or off. */
        patch: operations["pluginsUpdate"];
        trace?: never;
    };
    "/api/plugins/{id}/attachments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where a plugin takes part. */
        get: operations["pluginsAttachments"];
        put?: never;
        /** Attach a plugin to a collection. */
        post: operations["pluginsAttach"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/attachments/{attachment}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End an attachment. */
        delete: operations["pluginsDetach"];
        options?: never;
        head?: never;
        /** Change an attachment. */
        patch: operations["pluginsUpdateAttachment"];
        trace?: never;
    };
    "/api/plugins/{id}/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** When a plugin is called by the clock. */
        get: operations["pluginsSchedules"];
        put?: never;
        /** Have a plugin called by the clock. */
        post: operations["pluginsSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/schedules/{schedule}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a schedule. */
        delete: operations["pluginsUnschedule"];
        options?: never;
        head?: never;
        /** Change a schedule. */
        patch: operations["pluginsReschedule"];
        trace?: never;
    };
    "/api/plugins/{id}/route": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who may have a plugin answer requests. */
        get: operations["pluginsRoute"];
        /** Have a plugin answer requests. */
        put: operations["pluginsSetRoute"];
        post?: never;
        /** Take a plugin's route away. */
        delete: operations["pluginsRemoveRoute"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The versions of a plugin. */
        get: operations["pluginsVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a version that gets no calls. */
        delete: operations["pluginsDeleteVersion"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Choose the version that is called. */
        post: operations["pluginsActivate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Agree to a version that a key has uploaded. */
        post: operations["pluginsApprove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go back to an earlier version that has not failed. */
        post: operations["pluginsRollBack"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/canary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a version a share of the calls. */
        post: operations["pluginsCanary"];
        /** End the share of a version. */
        delete: operations["pluginsEndCanary"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/breaker": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which hooks are stopped after failures. */
        get: operations["pluginsBreaker"];
        put?: never;
        /** Let hooks be called again. */
        post: operations["pluginsResetBreaker"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the calls of a plugin have used. */
        get: operations["pluginsMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try a hook on a sample; nothing is changed. */
        post: operations["pluginsTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/grants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a plugin may do. */
        get: operations["pluginsGrants"];
        /** Say what a plugin may do. */
        put: operations["pluginsSetGrants"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a plugin is configured with wherever it is called. */
        get: operations["pluginsConfig"];
        /** Configure a plugin wherever it is called; attachments, schedules and its route stand over it. */
        put: operations["pluginsSetConfig"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The names of a plugin's secrets. */
        get: operations["pluginsSecrets"];
        /** Keep a secret for a plugin. */
        put: operations["pluginsSetSecret"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/secrets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Forget a secret. */
        delete: operations["pluginsDeleteSecret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a plugin logged last; waits for more. */
        get: operations["pluginsLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/outbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events on their way to after-hooks. */
        get: operations["outboxList"];
        put?: never;
        post?: never;
        /** Give up the events that a filter finds. */
        delete: operations["outboxDropWhere"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/outbox/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Deliver the dead events that a filter finds. */
        post: operations["outboxReplayWhere"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/outbox/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An event, with the records it tells of. */
        get: operations["outboxView"];
        put?: never;
        post?: never;
        /** Give an event up. */
        delete: operations["outboxDropOne"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/outbox/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Deliver an event again, at once. */
        post: operations["outboxReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** View the settings, without secrets. */
        get: operations["settingsView"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change settings. */
        patch: operations["settingsUpdate"];
        trace?: never;
    };
    "/api/settings/test/email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a mail to try the settings out. */
        post: operations["settingsTestEmail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings/apple/generate-client-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign a client secret for Apple. */
        post: operations["settingsAppleSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings/test/s3": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Do with a bucket what will be done with it. */
        post: operations["settingsTestS3"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings/storage/presets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is special about the buckets of known providers. */
        get: operations["storagePresets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings/storage/migrate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far the move of the files is. */
        get: operations["storageProgress"];
        put?: never;
        /** Move all files to where new ones go. */
        post: operations["storageMigrate"];
        /** Stop the move of the files. */
        delete: operations["storageCancel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The request log. */
        get: operations["logsList"];
        put?: never;
        post?: never;
        /** Empty the request log. */
        delete: operations["logsClear"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Requests by hour. */
        get: operations["logsStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A row of the request log. */
        get: operations["logsView"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The audit trail. */
        get: operations["activityList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/activity/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An entry of the audit trail. */
        get: operations["activityView"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/crons": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Periodic jobs. */
        get: operations["cronsList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/crons/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run a job now. */
        post: operations["cronsRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/crons/{id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The latest runs of a job. */
        get: operations["cronsRuns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The backups there are, the latest first. */
        get: operations["backupsList"];
        put?: never;
        /** Make a backup, which takes as long as it takes. */
        post: operations["backupsCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/upload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep a backup that was made elsewhere. */
        post: operations["backupsUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is being done with backups, and how far it is. */
        get: operations["backupsStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download a backup, with the file token of a superuser. */
        get: operations["backupsDownload"];
        put?: never;
        post?: never;
        /** Remove a backup. */
        delete: operations["backupsDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/{key}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Read all of a backup and compare it with its checksums. */
        post: operations["backupsVerify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/{key}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put a backup in the place of the data. */
        post: operations["backupsRestore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far the copy in a libSQL server is. */
        get: operations["syncView"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try the address and the token of a libSQL server. */
        post: operations["syncTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Compare the copy, row by row; does not wait for the end. */
        post: operations["syncVerify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sync/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Copy everything anew. */
        post: operations["syncRestart"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sql": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run one SQL statement. */
        post: operations["sqlRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/system/info": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What this server is. */
        get: operations["systemInfo"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/system/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What this server does. */
        get: operations["systemStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same as text for Prometheus. */
        get: operations["systemMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This description. */
        get: operations["openapiDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/types.ts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The collections as TypeScript. */
        get: operations["openapiTypes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** API keys, without what they are made of. */
        get: operations["keysList"];
        put?: never;
        /** Make an API key; it is told once. */
        post: operations["keysCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** View an API key. */
        get: operations["keysView"];
        put?: never;
        post?: never;
        /** Revoke an API key, at once. */
        delete: operations["keysDelete"];
        options?: never;
        head?: never;
        /** Change an API key. */
        patch: operations["keysUpdate"];
        trace?: never;
    };
    "/api/keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give an API key another secret. */
        post: operations["keysRotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server is well. */
        get: operations["healthHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers. */
        get: operations["healthLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the database answers too. */
        get: operations["healthReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The dashboard's session. */
        get: operations["adminSessionView"];
        put?: never;
        /** Sign in to the dashboard. */
        post: operations["adminSessionOpen"];
        /** Sign out of the dashboard. */
        delete: operations["adminSessionClose"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The sessions of whoever asks. */
        get: operations["adminSessionList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of one's own sessions. */
        delete: operations["adminSessionEnd"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the first superuser, with the set-up token. */
        post: operations["adminSessionSetUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Error: {
            status: number;
            message: string;
            /** @description By field: `{code, message, params?}`. */
            data: {
                [key: string]: Record<string, unknown>;
            };
        };
        AnyRecord: {
            id: string;
            collectionId: string;
            collectionName: string;
        } & {
            [key: string]: unknown;
        };
        Count: {
            count: number;
        };
        Password: {
            identity: string;
            password: string;
        };
        Email: {
            email: string;
        };
        OtpId: {
            otpId: string;
        };
        Otp: {
            otpId: string;
            password: string;
        };
        SignedIn: {
            token: string;
            record: Record<string, unknown>;
        };
        FileToken: {
            token: string;
        };
        UploadWish: {
            field: string;
            name?: string;
            size: number;
            type?: string;
            record?: string;
            /** @description What else will be written, as far as the rule asks for it. */
            data?: Record<string, unknown>;
        };
        UploadOffer: {
            upload: string;
            method: string;
            url: string;
            headers: {
                [key: string]: string;
            };
            urlExpires: string;
            expires: string;
        };
        Batch: {
            requests: Record<string, unknown>[];
        };
        LogRow: {
            id: string;
            created: string;
            /** @enum {integer} */
            level: -4 | 0 | 4 | 8;
            message: string;
            data: Record<string, unknown>;
        };
        LogHour: {
            date: string;
            total: number;
        };
        ActivityEntry: {
            id: string;
            actorKind: string;
            actorCollection: string;
            actorId: string;
            actorName: string;
            plugin: string;
            ip: string;
            requestId: string;
            /** @enum {string} */
            action: "create" | "update" | "delete" | "upload" | "activate" | "approve" | "attach" | "detach" | "grant" | "configure" | "keep secret" | "forget secret" | "schedule" | "unschedule" | "route" | "unroute" | "canary" | "rollback" | "delete-version" | "reset" | "rotate" | "replay" | "restore" | "migrate" | "cancel" | "verify" | "restart" | "sql" | "begin" | "end";
            /** @enum {string} */
            kind: "record" | "records" | "superuser" | "collection" | "settings" | "plugin" | "session" | "database" | "backup" | "storage" | "sync" | "key" | "outbox" | "logs";
            subject: string;
            name: string;
            before: unknown;
            after: unknown;
            hooks: {
                plugin: string;
                fields: string[];
            }[];
            created: string;
        };
        Cron: {
            id: string;
            expression: string;
            next: string;
            running: boolean;
            last: components["schemas"]["CronRun"] | null;
        };
        CronRun: {
            id: string;
            job: string;
            /** @enum {string} */
            cause: "schedule" | "request";
            /** @enum {string} */
            outcome: "running" | "done" | "failed" | "interrupted";
            detail: string;
            started: string;
            durationMs: number;
        };
        StoragePreset: {
            id: string;
            name: string;
            endpoint: string;
            region: string;
            forcePathStyle: boolean;
            hint: string;
        };
        StorageMove: {
            /** @enum {string} */
            state: "idle" | "running" | "done" | "failed" | "cancelled";
            to: string;
            files: number;
            bytes: number;
            movedFiles: number;
            movedBytes: number;
            failedFiles: number;
            problem: string;
            started: string;
            ended: string;
        };
        Backup: {
            key: string;
            size: number;
            modified: string;
        };
        BackupName: {
            name?: string;
        };
        BackupStatus: {
            running: {
                action: string;
                key: string;
                started: string;
                step: string;
                doneBytes: number;
                totalBytes: number;
            } | null;
            last: {
                /** @enum {string} */
                outcome: "done" | "failed" | "interrupted";
                action: string;
                key: string;
                started: string;
                detail?: string;
            } | null;
        };
        BackupReport: {
            valid: boolean;
            problem: string;
            code: string;
            created?: string;
            appName?: string;
            tinybase?: string;
            engine?: string;
            entries?: number;
            bytes?: number;
            filesElsewhere?: number;
        };
        Statement: {
            query: string;
            write?: boolean;
        };
        Rows: {
            execTime: number;
            affectedRows: number;
            truncated: boolean;
            columns: {
                name: string;
                type: string;
                nullable: boolean;
            }[];
            rows: (string | null)[][];
        };
        Health: {
            code: number;
            message: string;
            data: Record<string, unknown>;
        };
        Plugin: {
            id: string;
            name: string;
            version: string;
            sha256: string;
            size: number;
            exports: string[];
            imports: string[];
            capabilities: string[];
            manifest: components["schemas"]["Manifest"];
            compileMs: number;
            /** @enum {string} */
            state: "uploaded" | "waiting" | "active" | "disabled" | "off" | "open" | "broken";
            created: string;
            activated: string;
            approved: boolean;
            healthy: boolean;
            /** @description Somebody went back from it to an earlier version, and has not activated it since. */
            withdrawn: boolean;
            /** @description Its code is in memory: its next call does not load it. */
            loaded: boolean;
            canary: null | {
                version: string;
                share: number;
            };
            report: Record<string, unknown>;
            /** @description Of an upload: what the version refuses of the stored configurations, by field. */
            misfits?: {
                [key: string]: Record<string, unknown>;
            };
            /** @description Where the state is `broken`: why its code cannot be loaded. */
            problem?: {
                code: string;
                message: string;
            };
        };
        Attachment: {
            id: string;
            plugin: string;
            collection: string;
            hooks: string[];
            order: number;
            enabled: boolean;
            config: Record<string, unknown>;
            fields: {
                read?: string[] | null;
                write?: string[] | null;
            };
            limits: {
                fuel?: number | null;
                wallMs?: number | null;
                memoryMb?: number | null;
                hostCalls?: number | null;
                bytesPerCall?: number | null;
                handles?: number | null;
                logBytes?: number | null;
                atOnce?: number | null;
            };
            effectiveLimits: {
                [key: string]: components["schemas"]["HookLimits"];
            };
            /** @enum {string} */
            onFailure: "closed" | "open";
            created: string;
        };
        PluginSchedule: {
            id: string;
            plugin: string;
            name: string;
            expression: string;
            enabled: boolean;
            config: Record<string, unknown>;
            limits: {
                fuel?: number | null;
                wallMs?: number | null;
                memoryMb?: number | null;
                hostCalls?: number | null;
                bytesPerCall?: number | null;
                handles?: number | null;
                logBytes?: number | null;
                atOnce?: number | null;
            };
            effectiveLimits: {
                [key: string]: components["schemas"]["HookLimits"];
            };
            cron: string;
            created: string;
        };
        PluginRoute: {
            plugin: string;
            path: string;
            /** @enum {string} */
            access: "superuser" | "user" | "guest";
            enabled: boolean;
            config: Record<string, unknown>;
            limits: {
                fuel?: number | null;
                wallMs?: number | null;
                memoryMb?: number | null;
                hostCalls?: number | null;
                bytesPerCall?: number | null;
                handles?: number | null;
                logBytes?: number | null;
                atOnce?: number | null;
            };
            effectiveLimits: {
                [key: string]: components["schemas"]["HookLimits"];
            };
            created: string;
        };
        Grants: {
            records: {
                collection: string;
                verbs: string[];
                /** @enum {string} */
                as: "caller" | "plugin";
            }[];
            http?: {
                hosts: string[];
                methods?: string[];
                insecure?: boolean;
                bytesPerCall?: number;
                bytesPerDay?: number;
            };
            secrets?: string[];
            signing?: string[];
            mail?: {
                to: ("any" | "users") | string[];
                perDay?: number;
            };
            realtime?: string[];
            files?: ("read" | "write")[];
            clock?: boolean;
            random?: boolean;
        };
        GrantsInput: {
            records?: {
                collection: string;
                verbs: string[];
                /** @enum {string} */
                as: "caller" | "plugin";
            }[];
            http?: {
                hosts: string[];
                methods?: string[];
                insecure?: boolean;
                bytesPerCall?: number;
                bytesPerDay?: number;
            };
            secrets?: string[];
            signing?: string[];
            mail?: {
                to: ("any" | "users") | string[];
                perDay?: number;
            };
            realtime?: string[];
            files?: ("read" | "write")[];
            clock?: boolean;
            random?: boolean;
        };
        Manifest: {
            name?: string;
            config?: unknown;
            requests?: components["schemas"]["GrantsInput"];
        };
        HookLimits: {
            fuel: number;
            fuelPerKib: number;
            wallMs: number;
            memoryMb: number;
            hostCalls: number;
            bytesPerCall: number;
            handles: number;
            logBytes: number;
            atOnce?: number;
        };
        Secret: {
            name: string;
            hosts: string[];
            updated: string;
        };
        SecretInput: {
            name: string;
            value: string;
            hosts: string[];
        };
        Breakers: {
            version: string;
            hooks: {
                hook: string;
                /** @enum {string} */
                state: "closed" | "open" | "halfOpen";
                calls: number;
                failures: number;
                probeAt?: string;
                pauseMs?: number;
            }[];
            canary?: {
                version: string;
                hooks: {
                    hook: string;
                    /** @enum {string} */
                    state: "closed" | "open" | "halfOpen";
                    calls: number;
                    failures: number;
                    probeAt?: string;
                    pauseMs?: number;
                }[];
            };
        };
        PluginLedger: {
            tenant: string;
            totals: {
                calls: number;
                refusals: number;
                skipped: number;
                failures: number;
                errors: {
                    [key: string]: number;
                };
                fuel: {
                    p50: number;
                    p99: number;
                    max: number;
                    total: number;
                };
                wallMs: {
                    p50: number;
                    p99: number;
                    max: number;
                    total: number;
                };
                queueMs: {
                    p50: number;
                    p99: number;
                    max: number;
                    total: number;
                };
                guestMs: number;
                hostMs: number;
                hostCalls: number;
                memoryBytes: number;
            };
            quota: {
                fuelPerSecond: number | null;
                fuelLeft: number | null;
                refused: number;
                limits: {
                    fuel?: number | null;
                    wallMs?: number | null;
                    memoryMb?: number | null;
                    hostCalls?: number | null;
                    bytesPerCall?: number | null;
                    handles?: number | null;
                    logBytes?: number | null;
                    atOnce?: number | null;
                };
            };
            plugins: {
                id: string;
                name: string;
                version: string;
                state: string;
                callsInPlace: number;
                calls: number;
                refusals: number;
                skipped: number;
                failures: number;
                errors: {
                    [key: string]: number;
                };
                fuel: {
                    p50: number;
                    p99: number;
                    max: number;
                    total: number;
                };
                wallMs: {
                    p50: number;
                    p99: number;
                    max: number;
                    total: number;
                };
                queueMs: {
                    p50: number;
                    p99: number;
                    max: number;
                    total: number;
                };
                guestMs: number;
                hostMs: number;
                hostCalls: number;
                memoryBytes: number;
            }[];
        };
        PluginMetrics: {
            id: string;
            name: string;
            version: string;
            canary: null | {
                version: string;
                share: number;
            };
            callsInPlace: number;
            totals: {
                calls: number;
                refusals: number;
                skipped: number;
                failures: number;
                errors: {
                    [key: string]: number;
                };
                fuel: number;
                wallMs: number;
                queueMs: number;
                hostMs: number;
                hostCalls: number;
            };
            hooks: {
                version: string;
                hook: string;
                calls: number;
                refusals: number;
                skipped: number;
                failures: number;
                errors: {
                    [key: string]: number;
                };
                fuel: {
                    p50: number;
                    p99: number;
                    max: number;
                    total: number;
                };
                wallMs: {
                    p50: number;
                    p99: number;
                    max: number;
                    total: number;
                };
                queueMs: {
                    p50: number;
                    p99: number;
                    max: number;
                    total: number;
                };
                guestMs: number;
                hostMs: number;
                hostCalls: number;
                memoryBytes: number;
            }[];
        };
        OutboxRow: {
            id: string;
            /** @enum {string} */
            state: "pending" | "dead";
            plugin: string;
            pluginName: string;
            /** @description Its plugin was deleted, or detached from the collection: nobody can take it any more. */
            gone: boolean;
            attachment: string;
            collection: string;
            collectionId: string;
            record: string;
            action: string;
            attempts: number;
            due: string | null;
            error: string;
            created: string;
            event?: Record<string, unknown>;
        };
        PluginLine: {
            seq: number;
            time: string;
            level: string;
            message: string;
            hook: string | null;
            requestId: string;
        };
        Trial: {
            hook: string;
            version: string;
            /** @enum {string} */
            result: "accepted" | "refused" | "failed";
            usage: {
                fuel: number;
                wallMs: number;
                hostMs: number;
                memoryBytes: number;
                hostCalls: number;
            };
            limits: components["schemas"]["HookLimits"];
            writes: {
                /** @enum {string} */
                verb: "create" | "update" | "delete" | "mail" | "publish";
                collection?: string;
                id?: string;
                fields?: Record<string, unknown>;
                files?: string[];
                to?: string;
                subject?: string;
                topic?: string;
                data?: unknown;
            }[];
            log: components["schemas"]["PluginLine"][];
            changes?: Record<string, unknown>;
            errors?: {
                [key: string]: {
                    code: string;
                    message: string;
                };
            };
            message?: string;
            status?: number;
            axis?: string;
        };
        Said: {
            topic: string;
            data?: unknown;
        };
        RealtimeClient: {
            id: string;
            /** @enum {string} */
            transport: "sse" | "websocket";
            ip: string;
            connected: string;
            auth: {
                kind: string;
                id: string;
                collectionName: string;
            };
            topics: string[];
            topicCount: number;
            present: string[];
            waitingMessages: number;
            waitingBytes: number;
        };
        AdminSession: {
            csrf: string;
            record: {
                id: string;
                email: string;
            };
        };
        SessionEntry: {
            id: string;
            created: string;
            expires: string;
            ip: string;
            userAgent: string;
            current: boolean;
        };
        ApiKey: {
            id: string;
            name: string;
            scopes: string[];
            readOnly: boolean;
            ips: string[];
            expires: string;
            lastUsed: string;
            oldKeyUntil: string;
            createdBy: string;
            created: string;
            updated: string;
        };
        ToldKey: {
            id: string;
            name: string;
            scopes: string[];
            readOnly: boolean;
            ips: string[];
            expires: string;
            lastUsed: string;
            oldKeyUntil: string;
            createdBy: string;
            created: string;
            updated: string;
            key: string;
        };
        RuleProblem: {
            start: number;
            end: number;
            code: string;
            message: string;
            hint: string | null;
        };
        RuleCheck: {
            valid: boolean;
            errors: components["schemas"]["RuleProblem"][];
            warnings: components["schemas"]["RuleProblem"][];
            explanation: string;
        };
        RuleVerdict: {
            allowed: boolean;
            refusal: components["schemas"]["Error"] | null;
            explanation: string;
            errors: components["schemas"]["RuleProblem"][];
            decidedBy: {
                start: number;
                end: number;
                text: string;
                value: boolean;
                sides: unknown;
            } | null;
            visible: {
                count: number;
                more: boolean;
            } | null;
            sql: {
                text: string;
                params: unknown[];
                plan: string[];
            } | null;
        };
        ImportReport: {
            rows: number;
            created: number;
            updated: number;
            failed: number;
            dryRun: boolean;
            errors: {
                row: number;
                message: string;
                data: unknown;
            }[];
            stopped: {
                row: number;
                status: number;
                message: string;
                data: unknown;
                retryAfter: number | null;
            } | null;
        };
        Replayed: {
            replayed: number;
            gone: number;
        };
        Deleted: {
            deleted: number;
        };
        SystemInfo: {
            name: string;
            version: string;
            engine: {
                database: string;
                plugins: string;
            };
            platform: string;
            uptimeS: number;
            durability: string;
            workers: number;
            databaseThreads: number;
            pluginThreads: number;
            pluginsOff: boolean;
            limits: {
                [key: string]: number;
            };
        };
        SyncDialogue: {
            dialogue: string[];
        };
        SyncVerification: {
            /** @enum {string} */
            state: "idle" | "running" | "done" | "failed";
            rows: number;
            total: number;
            differences: number;
            found: {
                collection: string;
                id: string;
                /** @enum {string} */
                what: "missing" | "extra" | "different";
            }[];
            problem: string;
            started: string;
            ended: string;
        };
        SyncStatus: {
            /** @enum {string} */
            state: "off" | "starting" | "copying" | "following" | "failing";
            url: string;
            lastSuccess: string;
            error: string;
            errorAt: string;
            collections: {
                id: string;
                name: string;
                /** @enum {string} */
                state: "waiting" | "copying" | "following" | "blocked";
                rows: number;
                copied: number;
                total: number;
            }[];
            behind: number;
            behindMs: number;
            errors: number;
            verify: components["schemas"]["SyncVerification"];
        };
        Latency: {
            p50: number;
            p90: number;
            p95: number;
            p99: number;
            p999: number;
            max: number;
        };
        Stats: {
            uptimeS: number;
            requests: {
                total: number;
                byStatus: {
                    [key: string]: number;
                };
                latencyMs: components["schemas"]["Latency"];
                lastMinute: {
                    seconds: number;
                    total: number;
                    perSecond: number;
                    latencyMs: components["schemas"]["Latency"];
                };
            };
            process: {
                memoryBytes: number | null;
                memoryPeakBytes: number | null;
                cpuSeconds: number;
                cores: number;
                threads: number | null;
                openFiles: number | null;
            };
            connections: {
                http: number;
                realtime: number;
            };
            database: {
                bytes: number;
                walBytes: number;
                logsBytes: number;
                work: Record<string, unknown>;
            };
            storage: {
                /** @enum {string} */
                kind: "local" | "s3";
                files: number;
                bytes: number;
                complete: boolean;
            };
            totals: {
                collections: number;
                records: number;
                recordsOf: {
                    [key: string]: number;
                };
            };
            logs: {
                dropped: number;
            };
            outbox: {
                pending: number;
                dead: number;
            };
            plugins: {
                calls: number;
                failures: number;
                refusals: number;
                id: string;
                name: string;
                version: string;
                state: string;
                errors?: {
                    [key: string]: number;
                };
            }[];
            pluginTotals: {
                calls: number;
                failures: number;
                refusals: number;
            };
            pluginThreads: {
                awaited: number;
                background: number;
            };
        };
        SetUp: {
            token: string;
            email: string;
            password: string;
            passwordConfirm: string;
        };
        AdminSignIn: {
            password: string;
            email?: string;
            otpId?: string;
            mfaId?: string;
        };
        MailToken: {
            token: string;
            password?: string;
            passwordConfirm?: string;
        };
        CollectionsInput: {
            collections: unknown[];
            deleteMissing?: boolean;
        };
        RuleQuestion: {
            collection: string;
            rule: string | null;
            /** @enum {string} */
            kind: "list" | "view" | "create" | "update" | "delete" | "auth" | "manage" | "filter";
        };
        RuleTrial: {
            collection: string;
            /** @enum {string} */
            action: "list" | "view" | "create" | "update" | "delete" | "auth" | "manage";
            rule?: string | null;
            as?: "guest" | {
                collection: string;
                id: string;
            } | {
                collection: string;
                claims: Record<string, unknown>;
            };
            record?: string;
            body?: Record<string, unknown>;
            query?: Record<string, unknown>;
            headers?: Record<string, unknown>;
        };
        KeyInput: {
            name?: string;
            scopes?: string[];
            readOnly?: boolean;
            ips?: string[];
            expires?: string;
        };
        KeyOverlap: {
            overlap?: number;
        };
        TestMail: {
            email: string;
            template: string;
            collection?: string;
        };
        TestSync: {
            url?: string;
            authToken?: string;
        };
        TestStorage: {
            /** @enum {string} */
            filesystem: "storage" | "backups";
        };
        PluginSwitch: {
            enabled: boolean;
        };
        PluginVersion: {
            version: string;
            force?: boolean;
        };
        PluginForce: {
            force?: boolean;
        };
        PluginShare: {
            version: string;
            share: number;
            force?: boolean;
        };
        PluginHook: {
            hook?: string;
        };
        TrialInput: {
            hook: string;
            collection: string;
            record?: unknown;
            original?: unknown;
            config?: Record<string, unknown>;
            version?: string;
            as?: unknown;
        };
        AttachmentInput: {
            collection?: string;
            hooks?: string[];
            order?: number;
            enabled?: boolean;
            config?: Record<string, unknown> | null;
            fields?: {
                read?: string[] | null;
                write?: string[] | null;
            } | null;
            limits?: {
                fuel?: number | null;
                wallMs?: number | null;
                memoryMb?: number | null;
                hostCalls?: number | null;
                bytesPerCall?: number | null;
                handles?: number | null;
                logBytes?: number | null;
                atOnce?: number | null;
            } | null;
            /** @enum {string} */
            onFailure?: "closed" | "open";
        };
        Collection: {
            id: string;
            name: string;
            /** @enum {string} */
            type: "base" | "auth" | "view";
            system: boolean;
            fields: components["schemas"]["Field"][];
            indexes: string[];
            listRule: string | null;
            viewRule: string | null;
            createRule: string | null;
            updateRule: string | null;
            deleteRule: string | null;
            created: string;
            updated: string;
            viewQuery?: string;
        } & {
            [key: string]: unknown;
        };
        CollectionInput: {
            id?: string;
            name?: string;
            type?: string;
            fields?: Record<string, unknown>[];
            indexes?: string[];
            listRule?: string | null;
            viewRule?: string | null;
            createRule?: string | null;
            updateRule?: string | null;
            deleteRule?: string | null;
            viewQuery?: string;
        } & {
            [key: string]: unknown;
        };
        Field: {
            id: string;
            name: string;
            type: string;
            system?: boolean;
            required?: boolean;
            hidden?: boolean;
            presentable?: boolean;
        } & {
            [key: string]: unknown;
        };
        ViewQuery: {
            query: string;
        };
        ViewPreview: {
            fields: components["schemas"]["Field"][];
            sample: Record<string, unknown>[];
        };
        ChangePreview: {
            dryRun: boolean;
            collections: {
                /** @enum {string} */
                change: "create" | "update" | "delete";
                id: string;
                name: string;
                rows: number | null;
                definition: components["schemas"]["Collection"] | null;
            }[];
            statements: string[];
        };
        Settings: {
            backups: {
                cron: string;
                cronMaxKeep: number;
                s3: {
                    enabled: boolean;
                    bucket: string;
                    region: string;
                    endpoint: string;
                    accessKey: string;
                    forcePathStyle: boolean;
                    directDownloads: boolean;
                };
            };
            batch: {
                enabled: boolean;
                maxBodySize: number;
                maxRequests: number;
                timeout: number;
            };
            logs: {
                logAuthId: boolean;
                logIP: boolean;
                maxDataSize: number;
                maxDays: number;
                minLevel: number;
            };
            meta: {
                accentColor: string;
                appName: string;
                appURL: string;
                hideControls: boolean;
                senderAddress: string;
                senderName: string;
            };
            pluginLimits: {
                fuelPerSecond: number;
                fuel: number;
                wallMs: number;
                memoryMb: number;
                hostCalls: number;
                bytesPerCall: number;
                handles: number;
                logBytes: number;
                atOnce: number;
                httpBytesPerCall: number;
                httpBytesPerDay: number;
                mailsPerDay: number;
                kvKeys: number;
            };
            rateLimits: {
                enabled: boolean;
                excludedIPs: unknown[];
                rules: unknown[];
            };
            realtime: {
                topics: unknown[];
            };
            s3: {
                enabled: boolean;
                bucket: string;
                region: string;
                endpoint: string;
                accessKey: string;
                forcePathStyle: boolean;
                directDownloads: boolean;
            };
            smtp: {
                authMethod: string;
                enabled: boolean;
                host: string;
                localName: string;
                port: number;
                tls: boolean;
                username: string;
            };
            superuserIPs: unknown[];
            sync: {
                enabled: boolean;
                url: string;
            };
            trustedProxy: {
                headers: unknown[];
                proxies: unknown[];
                useLeftmostIP: boolean;
            };
        };
        SettingsPatch: {
            backups?: {
                cron?: string;
                cronMaxKeep?: number;
                s3?: {
                    enabled?: boolean;
                    bucket?: string;
                    region?: string;
                    endpoint?: string;
                    accessKey?: string;
                    forcePathStyle?: boolean;
                    directDownloads?: boolean;
                };
            };
            batch?: {
                enabled?: boolean;
                maxBodySize?: number;
                maxRequests?: number;
                timeout?: number;
            };
            logs?: {
                logAuthId?: boolean;
                logIP?: boolean;
                maxDataSize?: number;
                maxDays?: number;
                minLevel?: number;
            };
            meta?: {
                accentColor?: string;
                appName?: string;
                appURL?: string;
                hideControls?: boolean;
                senderAddress?: string;
                senderName?: string;
            };
            pluginLimits?: {
                fuelPerSecond?: number;
                fuel?: number;
                wallMs?: number;
                memoryMb?: number;
                hostCalls?: number;
                bytesPerCall?: number;
                handles?: number;
                logBytes?: number;
                atOnce?: number;
                httpBytesPerCall?: number;
                httpBytesPerDay?: number;
                mailsPerDay?: number;
                kvKeys?: number;
            };
            rateLimits?: {
                enabled?: boolean;
                excludedIPs?: unknown[];
                rules?: unknown[];
            };
            realtime?: {
                topics?: unknown[];
            };
            s3?: {
                enabled?: boolean;
                bucket?: string;
                region?: string;
                endpoint?: string;
                accessKey?: string;
                forcePathStyle?: boolean;
                directDownloads?: boolean;
            };
            smtp?: {
                authMethod?: string;
                enabled?: boolean;
                host?: string;
                localName?: string;
                port?: number;
                tls?: boolean;
                username?: string;
            };
            superuserIPs?: unknown[];
            sync?: {
                enabled?: boolean;
                url?: string;
            };
            trustedProxy?: {
                headers?: unknown[];
                proxies?: unknown[];
                useLeftmostIP?: boolean;
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    recordsList: {
        parameters: {
            query?: {
                /** @description Which page, from 1. */
                page?: string;
                /** @description Items of a page, at most 1000. */
                perPage?: string;
                /** @description Fields to sort by, separated by commas; `-` in front for descending. */
                sort?: string;
                /** @description Which ones, in the language of rules. */
                filter?: string;
                /** @description 1: nothing is counted, totals are -1. */
                skipTotal?: string;
                /** @description Relations to follow, separated by commas. */
                expand?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
                /** @description Words to be found. */
                search?: string;
                /** @description Pages by cursor: empty, or the `nextCursor` of the page before. */
                cursor?: string;
                /** @description `field:[..]`: the records nearest to a vector. */
                near?: string;
                /** @description With `near`, how many. */
                limit?: string;
            };
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        page: number;
                        perPage: number;
                        totalItems: number;
                        totalPages: number;
                        items: components["schemas"]["AnyRecord"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    recordsCreate: {
        parameters: {
            query?: {
                /** @description Relations to follow, separated by commas. */
                expand?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: {
                /** @description The same request with the same key is answered again, and written once. */
                "Idempotency-Key"?: string;
            };
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
                "multipart/form-data": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names what is stored now. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnyRecord"];
                };
            };
            /** @description The key was used for another request before. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    recordsDeleteWhere: {
        parameters: {
            query?: {
                /** @description Which ones, in the language of rules. */
                filter?: string;
                /** @description Continue behind this id. */
                after?: string;
                /** @description 1: tell what would be done and do nothing. */
                dryRun?: string;
            };
            header?: {
                /** @description The same request with the same key is answered again, and written once. */
                "Idempotency-Key"?: string;
            };
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Count"];
                };
            };
            /** @description The key was used for another request before. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    recordsUpdateWhere: {
        parameters: {
            query?: {
                /** @description Which ones, in the language of rules. */
                filter?: string;
                /** @description Continue behind this id. */
                after?: string;
                /** @description 1: tell what would be done and do nothing. */
                dryRun?: string;
            };
            header?: {
                /** @description The same request with the same key is answered again, and written once. */
                "Idempotency-Key"?: string;
            };
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Count"];
                };
            };
            /** @description The key was used for another request before. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    recordsCount: {
        parameters: {
            query?: {
                /** @description Which ones, in the language of rules. */
                filter?: string;
                /** @description Words to be found. */
                search?: string;
            };
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Count"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    recordsAggregate: {
        parameters: {
            query?: {
                /** @description `count`, `sum(field)`, `avg(field)`, .. */
                fn?: string;
                /** @description Fields to group by; `created:month` for dates. */
                groupBy?: string;
                /** @description Which ones, in the language of rules. */
                filter?: string;
                /** @description Fields to sort by, separated by commas; `-` in front for descending. */
                sort?: string;
            };
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    recordsView: {
        parameters: {
            query?: {
                /** @description Relations to follow, separated by commas. */
                expand?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: {
                /** @description Answer without a body if what is there has one of these tags. */
                "If-None-Match"?: string;
            };
            path: {
                collection: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names what is stored now. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnyRecord"];
                };
            };
            /** @description It is still the same. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    recordsDelete: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if one of these tags is that of what is there now. */
                "If-Match"?: string;
            };
            path: {
                collection: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It has changed since; the answer has what is there now. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    recordsUpdate: {
        parameters: {
            query?: {
                /** @description Relations to follow, separated by commas. */
                expand?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: {
                /** @description Write only if one of these tags is that of what is there now. */
                "If-Match"?: string;
                /** @description The same request with the same key is answered again, and written once. */
                "Idempotency-Key"?: string;
            };
            path: {
                collection: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
                "multipart/form-data": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names what is stored now. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AnyRecord"];
                };
            };
            /** @description It has changed since; the answer has what is there now. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The key was used for another request before. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    transferExport: {
        parameters: {
            query?: {
                /** @description `csv`, `json` or `ndjson`. */
                format?: string;
                /** @description Which ones, in the language of rules. */
                filter?: string;
                /** @description Fields to sort by, separated by commas; `-` in front for descending. */
                sort?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
                /** @description Words to be found. */
                search?: string;
                /** @description 1: cells that a spreadsheet would take for formulas are made harmless. */
                spreadsheet?: string;
            };
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A text or a file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    transferImport: {
        parameters: {
            query?: {
                /** @description `csv`, `json` or `ndjson`. */
                format?: string;
                /** @description The field by which known records are found and changed. */
                key?: string;
                /** @description JSON: columns of the file to fields, where they have other names. */
                columns?: string;
                /** @description What stands between the cells of a CSV. */
                delimiter?: string;
                /** @description 1: tell what would be done and do nothing. */
                dryRun?: string;
                /** @description 1: no plugin takes part. */
                skipHooks?: string;
            };
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportReport"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    batchSend: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same request with the same key is answered again, and written once. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Batch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description The key was used for another request before. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    filesToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileToken"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    filesOffer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UploadWish"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadOffer"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    filesView: {
        parameters: {
            query?: {
                /** @description `100x100`, `0x50`, .. */
                thumb?: string;
                /** @description 1: to be saved, not shown. */
                download?: string;
                /** @description A file token, for protected files. */
                token?: string;
            };
            header?: {
                /** @description Answer without a body if what is there has one of these tags. */
                "If-None-Match"?: string;
            };
            path: {
                collection: string;
                id: string;
                filename: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A text or a file. */
            200: {
                headers: {
                    /** @description Names what is stored now. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description It is still the same. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authMethods: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authWithPassword: {
        parameters: {
            query?: {
                /** @description Relations to follow, separated by commas. */
                expand?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Password"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authRequestOtp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Email"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OtpId"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authWithOtp: {
        parameters: {
            query?: {
                mfaId?: string;
                /** @description Relations to follow, separated by commas. */
                expand?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Otp"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authRequestPasswordReset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Email"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authConfirmPasswordReset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MailToken"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authRequestVerification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Email"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authConfirmVerification: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MailToken"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authRequestEmailChange: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authConfirmEmailChange: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MailToken"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authWithOauth2: {
        parameters: {
            query?: {
                mfaId?: string;
                /** @description Relations to follow, separated by commas. */
                expand?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authOauth2Redirect: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authOauth2RedirectPosted: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authRefresh: {
        parameters: {
            query?: {
                /** @description Relations to follow, separated by commas. */
                expand?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    authImpersonate: {
        parameters: {
            query?: {
                /** @description Relations to follow, separated by commas. */
                expand?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: never;
            path: {
                collection: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    collectionsList: {
        parameters: {
            query?: {
                /** @description Which page, from 1. */
                page?: string;
                /** @description Items of a page, at most 1000. */
                perPage?: string;
                /** @description Fields to sort by, separated by commas; `-` in front for descending. */
                sort?: string;
                /** @description Which ones, in the language of rules. */
                filter?: string;
                /** @description 1: nothing is counted, totals are -1. */
                skipTotal?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        page: number;
                        perPage: number;
                        totalItems: number;
                        totalPages: number;
                        items: components["schemas"]["Collection"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    collectionsCreate: {
        parameters: {
            query?: {
                /** @description 1: tell what would be done and do nothing. */
                dryRun?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CollectionInput"];
            };
        };
        responses: {
            /** @description Done; or with dryRun what would be done. */
            200: {
                headers: {
                    /** @description Names what is stored now. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Collection"] | components["schemas"]["ChangePreview"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    collectionsImport: {
        parameters: {
            query?: {
                /** @description 1: tell what would be done and do nothing. */
                dryRun?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CollectionsInput"];
            };
        };
        responses: {
            /** @description Done; or with dryRun what would be done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangePreview"];
                };
            };
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    collectionsScaffolds: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    collectionsOauth2Providers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    collectionsDryRunView: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ViewQuery"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ViewPreview"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    collectionsView: {
        parameters: {
            query?: never;
            header?: {
                /** @description Answer without a body if what is there has one of these tags. */
                "If-None-Match"?: string;
            };
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names what is stored now. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Collection"];
                };
            };
            /** @description It is still the same. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    collectionsDelete: {
        parameters: {
            query?: never;
            header?: {
                /** @description Write only if one of these tags is that of what is there now. */
                "If-Match"?: string;
            };
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It has changed since; the answer has what is there now. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    collectionsUpdate: {
        parameters: {
            query?: {
                /** @description 1: tell what would be done and do nothing. */
                dryRun?: string;
            };
            header?: {
                /** @description Write only if one of these tags is that of what is there now. */
                "If-Match"?: string;
            };
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CollectionInput"];
            };
        };
        responses: {
            /** @description Done; or with dryRun what would be done. */
            200: {
                headers: {
                    /** @description Names what is stored now. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Collection"] | components["schemas"]["ChangePreview"];
                };
            };
            /** @description It has changed since; the answer has what is there now. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    collectionsTruncate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    rulesCheck: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RuleQuestion"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleCheck"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    rulesAttempt: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RuleTrial"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleVerdict"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    realtimeConnect: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A text or a file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    realtimeSubscribe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    realtimePublish: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Said"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    realtimeClients: {
        parameters: {
            query?: {
                /** @description Which page, from 1. */
                page?: string;
                /** @description Items of a page, at most 1000. */
                perPage?: string;
                /** @description 1: nothing is counted, totals are -1. */
                skipTotal?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        page: number;
                        perPage: number;
                        totalItems: number;
                        totalPages: number;
                        items: components["schemas"]["RealtimeClient"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsList: {
        parameters: {
            query?: {
                /** @description Which page, from 1. */
                page?: string;
                /** @description Items of a page, at most 1000. */
                perPage?: string;
                /** @description Fields to sort by, separated by commas; `-` in front for descending. */
                sort?: string;
                /** @description Which ones, in the language of rules. */
                filter?: string;
                /** @description 1: nothing is counted, totals are -1. */
                skipTotal?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        page: number;
                        perPage: number;
                        totalItems: number;
                        totalPages: number;
                        items: components["schemas"]["Plugin"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsUpload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    file: string;
                    name?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plugin"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsFigures: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginLedger"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsView: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plugin"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsUpdate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PluginSwitch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plugin"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsAttachments: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        page: number;
                        perPage: number;
                        totalItems: number;
                        totalPages: number;
                        items: components["schemas"]["Attachment"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsAttach: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AttachmentInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attachment"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsDetach: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                attachment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsUpdateAttachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                attachment: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AttachmentInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attachment"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsSchedules: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        page: number;
                        perPage: number;
                        totalItems: number;
                        totalPages: number;
                        items: components["schemas"]["PluginSchedule"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginSchedule"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsUnschedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                schedule: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsReschedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                schedule: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginSchedule"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsRoute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginRoute"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsSetRoute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginRoute"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsRemoveRoute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsVersions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        page: number;
                        perPage: number;
                        totalItems: number;
                        totalPages: number;
                        items: components["schemas"]["Plugin"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsDeleteVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsActivate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PluginVersion"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plugin"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsApprove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PluginVersion"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plugin"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsRollBack: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PluginForce"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plugin"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsCanary: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PluginShare"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plugin"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsEndCanary: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plugin"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsBreaker: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Breakers"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsResetBreaker: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PluginHook"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Breakers"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginMetrics"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsTest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrialInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trial"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsGrants: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Grants"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsSetGrants: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GrantsInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Grants"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsConfig: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsSetConfig: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsSecrets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        page: number;
                        perPage: number;
                        totalItems: number;
                        totalPages: number;
                        items: components["schemas"]["Secret"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsSetSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Secret"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsDeleteSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    pluginsLogs: {
        parameters: {
            query?: {
                /** @description Which page, from 1. */
                page?: string;
                /** @description Items of a page, at most 1000. */
                perPage?: string;
                /** @description Continue behind this id. */
                after?: string;
                wait?: string;
                level?: string;
                hook?: string;
                requestId?: string;
                /** @description Words to be found. */
                search?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        page: number;
                        perPage: number;
                        totalItems: number;
                        totalPages: number;
                        items: components["schemas"]["PluginLine"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    outboxList: {
        parameters: {
            query?: {
                /** @description Which page, from 1. */
                page?: string;
                /** @description Items of a page, at most 1000. */
                perPage?: string;
                /** @description Fields to sort by, separated by commas; `-` in front for descending. */
                sort?: string;
                /** @description Which ones, in the language of rules. */
                filter?: string;
                /** @description 1: nothing is counted, totals are -1. */
                skipTotal?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        page: number;
                        perPage: number;
                        totalItems: number;
                        totalPages: number;
                        items: components["schemas"]["OutboxRow"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    outboxDropWhere: {
        parameters: {
            query?: {
                /** @description Which ones, in the language of rules. */
                filter?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    outboxReplayWhere: {
        parameters: {
            query?: {
                /** @description Which ones, in the language of rules. */
                filter?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replayed"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    outboxView: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutboxRow"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    outboxDropOne: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    outboxReplay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutboxRow"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    settingsView: {
        parameters: {
            query?: {
                /** @description 1: tell also, under `sources`, which values are fixed by configuration, and by what; and under `secrets` which secrets there are. */
                sources?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names what is stored now. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    settingsUpdate: {
        parameters: {
            query?: {
                /** @description 1: tell also, under `sources`, which values are fixed by configuration, and by what; and under `secrets` which secrets there are. */
                sources?: string;
            };
            header?: {
                /** @description Write only if one of these tags is that of what is there now. */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettingsPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Names what is stored now. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            /** @description It has changed since; the answer has what is there now. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    settingsTestEmail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TestMail"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    settingsAppleSecret: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    settingsTestS3: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TestStorage"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    storagePresets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragePreset"][];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    storageProgress: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageMove"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    storageMigrate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, unknown>;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageMove"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    storageCancel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    logsList: {
        parameters: {
            query?: {
                /** @description Which page, from 1. */
                page?: string;
                /** @description Items of a page, at most 1000. */
                perPage?: string;
                /** @description Fields to sort by, separated by commas; `-` in front for descending. */
                sort?: string;
                /** @description Which ones, in the language of rules. */
                filter?: string;
                /** @description 1: nothing is counted, totals are -1. */
                skipTotal?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        page: number;
                        perPage: number;
                        totalItems: number;
                        totalPages: number;
                        items: components["schemas"]["LogRow"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    logsClear: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    logsStats: {
        parameters: {
            query?: {
                /** @description Which ones, in the language of rules. */
                filter?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogHour"][];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    logsView: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogRow"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    activityList: {
        parameters: {
            query?: {
                /** @description Which page, from 1. */
                page?: string;
                /** @description Items of a page, at most 1000. */
                perPage?: string;
                /** @description Fields to sort by, separated by commas; `-` in front for descending. */
                sort?: string;
                /** @description Which ones, in the language of rules. */
                filter?: string;
                /** @description 1: nothing is counted, totals are -1. */
                skipTotal?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        page: number;
                        perPage: number;
                        totalItems: number;
                        totalPages: number;
                        items: components["schemas"]["ActivityEntry"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    activityView: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActivityEntry"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    cronsList: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Cron"][];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    cronsRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    cronsRuns: {
        parameters: {
            query?: {
                /** @description Which page, from 1. */
                page?: string;
                /** @description Items of a page, at most 1000. */
                perPage?: string;
                /** @description Fields to sort by, separated by commas; `-` in front for descending. */
                sort?: string;
                /** @description Which ones, in the language of rules. */
                filter?: string;
                /** @description 1: nothing is counted, totals are -1. */
                skipTotal?: string;
                /** @description Fields that are wanted, separated by commas. */
                fields?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        page: number;
                        perPage: number;
                        totalItems: number;
                        totalPages: number;
                        items: components["schemas"]["CronRun"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    backupsList: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Backup"][];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    backupsCreate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupName"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    backupsUpload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    file: string;
                    name?: string;
                };
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    backupsStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupStatus"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    backupsDownload: {
        parameters: {
            query?: {
                /** @description A file token, for protected files. */
                token?: string;
            };
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A text or a file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": string;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    backupsDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    backupsVerify: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupReport"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    backupsRestore: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    syncView: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncStatus"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    syncTest: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TestSync"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncDialogue"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    syncVerify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncVerification"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    syncRestart: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncStatus"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    sqlRun: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Statement"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rows"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    systemInfo: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemInfo"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    systemStats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    systemMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A text or a file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    openapiDocument: {
        parameters: {
            query?: {
                /** @description 1: without the collections, so that it is the same for every project. */
                skipCollections?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    openapiTypes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A text or a file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/typescript": string;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    keysList: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ApiKey"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    keysCreate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToldKey"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    keysView: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    keysDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    keysUpdate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    keysRotate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyOverlap"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToldKey"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    healthHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    healthLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A text or a file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    healthReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A text or a file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    adminSessionView: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdminSession"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    adminSessionOpen: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdminSignIn"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdminSession"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    adminSessionClose: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    adminSessionList: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["SessionEntry"][];
                    };
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    adminSessionEnd: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    adminSessionSetUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetUp"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdminSession"];
                };
            };
            /** @description It is refused or failed. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
}
