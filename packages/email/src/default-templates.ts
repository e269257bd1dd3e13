/** The HTML of every e-mail: `it` is a MailView. `<%= %>` escapes HTML. E-mail clients support only tables and inline styles reliably. */
export const htmlTemplate = `<!doctype html>
<html lang="<%= it.language %>" dir="<%= it.direction %>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light">
<title><%= it.subject %></title>
</head>
<body style="margin:0;padding:0;background:#f4f4f5;color:#18181b;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<table role="presentation" dir="<%= it.direction %>" width="100%" cellpadding="0" cellspacing="0" style="background:#f4f4f5"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;background:#fff;border-radius:8px">
<tr><td style="padding:20px 28px;border-bottom:3px solid <%= it.site.color %>;font-weight:600"><%= it.site.name %></td></tr>
<tr><td style="padding:28px">
<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3"><%= it.heading %></h1>
<% for (const paragraph of it.paragraphs) { %>
<p style="margin:0 0 16px"><%= paragraph %></p>
<% } %>
<% if (it.rows.length > 0) { %>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin:8px 0 20px;font-size:15px">
<% for (const row of it.rows) { %>
<tr>
<td style="padding:6px 0;border-top:1px solid #e4e4e7;color:#52525b;vertical-align:top"><%= row.label %></td>
<td align="<%= it.direction === 'rtl' ? 'left' : 'right' %>" style="padding:6px 0;padding-inline-start:12px;border-top:1px solid #e4e4e7;overflow-wrap:anywhere<%= row.isTotal ? ';font-weight:600' : '' %>"><bdi><%= row.value %></bdi></td>
</tr>
<% } %>
</table>
<% } %>
<% if (it.button) { %>
<p style="margin:0 0 20px"><a href="<%= it.button.url %>" style="display:inline-block;padding:10px 20px;border-radius:6px;background:<%= it.site.color %>;color:#fff;text-decoration:none;font-weight:600"><%= it.button.label %></a></p>
<% } %>
<% if (it.links.length > 0) { %>
<p style="margin:0">
<% for (const link of it.links) { %>
<a href="<%= link.url %>" style="color:<%= it.site.color %>;margin-inline-end:16px"><%= link.label %></a>
<% } %>
</p>
<% } %>
</td></tr>
<tr><td style="padding:16px 28px;border-top:1px solid #e4e4e7;color:#52525b;font-size:13px;white-space:pre-line"><%= [it.site.name, it.site.address].filter(Boolean).join('\\n') %></td></tr>
</table>
</td></tr></table>
</body>
</html>
`

/** The plain text of every e-mail. Values are not escaped. */
export const textTemplate = `<%= it.heading %>


<% for (const paragraph of it.paragraphs) { %>
<%= paragraph %>


<% } %>
<% for (const row of it.rows) { %>
<%= row.label %>: <%= row.value %>

<% } %>
<% for (const link of [...(it.button ? [it.button] : []), ...it.links]) { %>

<%= link.label %>: <%= link.url %>

<% } %>

-- 
<%= [it.site.name, it.site.address].filter(Boolean).join('\\n') %>
`
