-- The audit of `npm run forget`. The user's id stands here only while it is under way.
CREATE TABLE "erasures" (
    "pseudonym" TEXT NOT NULL,
    "user_id" TEXT,
    "requested_by" TEXT NOT NULL,
    "begun_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "purchases" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "erasures_pkey" PRIMARY KEY ("pseudonym")
);

-- Of one user at a time.
CREATE UNIQUE INDEX "erasures_user_id_key" ON "erasures"("user_id");
