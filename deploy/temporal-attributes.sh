#!/bin/sh
# The namespace, how long its closed workflows are kept, and the search attributes that purchases are found by: runs again without harm.
set -eu
until temporal operator cluster health; do sleep 2; done
# The server's image has made it already, with a day.
temporal operator namespace create --retention 30d -n default || temporal operator namespace update --retention 30d -n default
for name in PurchaseStatus UserId EntityId PayToViewProductId; do
  temporal operator search-attribute list | grep -qw "$name" || temporal operator search-attribute create --name "$name" --type Keyword
done
