#!/usr/bin/env bash
# Buys a film over REST, which works the same way in any language: API=http://127.0.0.1:3000 TOKEN=… ./purchase.sh vid_… prod_…
set -euo pipefail

curl -sS --fail-with-body "$API/client/v1/pay-to-view/purchases" \
  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
  -d "{ \"entityId\": \"$1\", \"payToViewProductId\": \"$2\", \"returnUrl\": \"https://yoursite.com/purchase/complete\" }"
echo

# A page mounts Stripe's embedded checkout with the clientSecret from the response. This script polls until the user has access.
until curl -sS --fail-with-body "$API/client/v1/pay-to-view/access?entityId=$1" -H "Authorization: Bearer $TOKEN" | grep '"hasAccess":true'; do
  sleep 1
done
