-- AlterTable
ALTER TABLE "alerts" ADD COLUMN "due_at" TIMESTAMPTZ(3),
ADD COLUMN "note" TEXT;

-- CreateIndex
CREATE INDEX "purchases_user_prefix" ON "purchases"("user_id" text_pattern_ops);
