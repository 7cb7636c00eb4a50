### English texts; the Arabic ones in ar.ftl are the source and have the same keys.

## Counts

count-tickets = { $count ->
    [0] No requests
    [one] { $count } request
   *[other] { $count } requests
}
count-attempts = { $count ->
    [0] No attempt yet
    [one] { $count } attempt
   *[other] { $count } attempts
}

## Dates and times

date-gregorian = { $weekday } { $day } { $month } { $year }
date-short = { $day } { $month } { $year }
date-hijri = { $day } { $month } { $year } AH
date-both = { $gregorian } ({ $hijri })
date-time = { $date }, { $time }
date-time-short = { $date }, { $time }
time-morning = { $time } am
time-evening = { $time } pm
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
hijri-month-1 = Muharram
hijri-month-2 = Safar
hijri-month-3 = Rabi al-Awwal
hijri-month-4 = Rabi al-Akhir
hijri-month-5 = Jumada al-Ula
hijri-month-6 = Jumada al-Akhirah
hijri-month-7 = Rajab
hijri-month-8 = Shaban
hijri-month-9 = Ramadan
hijri-month-10 = Shawwal
hijri-month-11 = Dhu al-Qadah
hijri-month-12 = Dhu al-Hijjah

## States of a request

status-new = New
status-assigned = With the liaison officer
status-in_progress = In progress
status-waiting_sender = Waiting for the sender
status-waiting_third_party = Waiting for somebody outside
status-resolved = Settled
status-closed = Closed
status-rejected = Declined
status-duplicate = Duplicate
status-spam = Spam
status-reopened = Reopened

status-told-new = We have your request. A liaison officer will read it soon.
status-told-assigned = Your request is with the right liaison officer.
status-told-in_progress = We are working on your request now.
status-told-waiting_sender = We asked you a question and need your answer to go on.
status-told-waiting_third_party = We are waiting for an answer from somebody outside, and will tell you when it comes.
status-told-resolved = We have finished with your request. Is the matter solved?
status-told-closed = This request is closed. If anything is left, write to us here.
status-told-rejected = We could not accept this request. The reason is in our message.
status-told-duplicate = We follow this matter up in another request of yours.
status-told-spam = This request is closed.
status-told-reopened = We have opened your request again and are working on it.

## What can be done

act-assign = Assign
act-start = Start work
act-reply = Reply
act-ask = Ask the sender
act-await_third_party = Wait for somebody outside
act-sender_wrote = The sender wrote
act-resolve = Settle
act-close = Close
act-reject = Decline
act-mark_duplicate = Duplicate
act-mark_spam = Spam
act-reopen = Reopen
act-hand_over = Hand over
act-note = Internal note

## Priority, groups, roles

priority-normal = Normal
priority-high = High
priority-emergency = Emergency

group-beneficiary = Beneficiary
group-employee = Employee
group-client_or_supplier = Client or supplier
group-government = Government or civil body
group-private_sector = Private sector
group-volunteer = Volunteer
group-donor = Donor
group-anonymous = Anonymous

role-officer = Liaison officer
role-clerk = Front desk clerk
role-supervisor = Supervisor
role-manager = General manager
role-admin = Administrator

## Channels and ways in

channel-email = E-mail
channel-webhook = Another system
channel-portal = Web site
channel-desk = Front desk
channel-api = Interface
channel-telegram = Telegram
channel-sandbox = Trial channel

way-visit = Visit
way-call = Telephone call
way-letter = Letter
way-fax = Fax

direction-inbound = From the sender
direction-outbound = From the charity
direction-note = Internal note

## Events of the timeline

actor-sender = The sender
actor-system = The service
actor-interface = Another system through the interface “{ $name }”
actor-through = { $who } through the interface “{ $name }”

event-opened = Request came in by { $channel }
event-routed = Routed to { $department }, owner { $to }
event-sender_wrote = New message from the sender
event-accepted = Work on the request began
event-replied = Reply to the sender
event-asked = Question to the sender
event-noted = Internal note
event-handed_over = Handed over to { $department }, owner { $to }
event-waiting_third_party = Waiting for somebody outside
event-resolved = Request settled
event-closed = Request closed
event-rejected = Request declined
event-marked_duplicate = Marked as a duplicate
event-marked_spam = Marked as spam
event-reopened = Request reopened
event-notice_sent = Notice sent to { $address } by { $channel }
event-notice_failed = A notice to { $address } by { $channel } could not be sent
event-notice_delayed = A notice to { $address } by { $channel } is late; the network is still trying
event-notice_withheld = A notice to { $address } was not sent
event-viewed = Confidential request viewed

## Why here?

reason-rule = By the routing rule: { $detail }
reason-kind = By the kind of request: { $detail }
reason-words = By words in the message: { $detail }
reason-mailbox = By the address it was sent to: { $detail }
reason-asked = Because the sender wrote to { $detail }
reason-fallback = No rule fitted, so it came to the supervisor
reason-main = First liaison officer of { $detail }
reason-rota = In turn in { $detail }
reason-fewest_open = Fewest open requests in { $detail }
reason-named = Named by the rule: { $detail }
reason-absent = Standing in for { $detail }, who is absent
reason-nobody_present = Nobody of { $detail } is present, so it came to the supervisor
reason-handed_over = Handed over by { $detail }
reason-departed = In place of { $detail }, who is no longer on the staff

cause-departed = Because the last owner is no longer on the staff

## Sending

send-throttled = The network asks us to slow down. We will try again.
send-unreachable = The network could not be reached. We will try again.
send-rejected = The network refused the message. Check the address with the sender.
send-invalid = This message cannot be sent by this channel. Try another address.
send-misconfigured = The channel is not set up rightly. Tell the administrator.
send-stopped = The recipient has stopped our messages. Reach them another way.
send-uncertain = Handed over, but not confirmed. We will try again.
send-no_such_mailbox = There is no such mailbox at the recipient's provider. Ask the sender for the right address.
send-domain_not_found = The part of the address after the @ does not exist. Ask the sender for the right address.
send-suspended = The recipient's mailbox is switched off. Reach them another way.
send-mailbox_full = The recipient's mailbox is full. Reach them another way, or send again later.
send-too_big = The message is too large for the recipient's mailbox. Send it without its files.
send-blocked = The recipient's provider took the message for unwanted mail. Tell the administrator.
send-policy = A rule of the recipient's provider does not let the message in. Reach them another way.
send-expired = The recipient's provider could not be reached for too long. Check the address, or send again later.
send-loop = The message went round in a circle at the recipient's provider. Reach them another way.
send-undelivered = The network gave the message back and did not say why clearly. Check the address with the sender.

delivery-queued = Waiting to be sent
delivery-sent = Sent
delivery-retrying = Not there yet; we will try again
delivery-given_up = Could not be sent
delivery-withheld = Not sent
delivery-bounced = Bounced

withheld-auto_reply = because a machine wrote the message
withheld-bounce = because the message is a delivery report
withheld-bounced = because an earlier message to this address came back
withheld-bulk = because the message came over a mailing list
withheld-own = because the address is one of ours
withheld-rate = because this address had many notices within the hour
withheld-domain_rate = because the domain of this address had many notices within the hour

attachment-too-big = The file is larger than allowed
attachment-unavailable = The file could not be fetched
attachment-refused = This type of file is not allowed

## What is wrong in a form, and what to do

fault-missing = This question needs an answer. Please write it here.
fault-too_long = The text is longer than allowed. Shorten it, or attach it as a file.
fault-not_a_number = Write a number only, such as 5.
fault-not_a_date = Write the date like this: { "\u2068" }2026-11-23{ "\u2069" }.
fault-not_offered = Choose one from the list.
fault-phone = This is not a telephone number. Write it like this: { "\u2068" }0551234567{ "\u2069" }.
fault-mail = This is not an e-mail address. Write it like this: { "\u2068" }name@example.com{ "\u2069" }.
fault-text_missing = Write your message here, or attach a voice message or a photo.
fault-declare = Tick this box so that we can take your request.
fault-file_too_big = One of the files is larger than allowed. Send a smaller one.
fault-too_many_files = There are too many files. Send some now and the rest in a later message.
fault-reference = The request number is not right. Check it digit by digit.
fault-pin = The PIN has six digits.
fault-track = There is no request with these two numbers together. Check the request number and the PIN. If they are right, somebody may have tried wrong PINs too often today: try again tomorrow, or call us.
fault-track_wait = Too many attempts. Wait a quarter of an hour and try again.
fault-sign_in = The e-mail address or the password is not right. Try again. If you are sure of both, ask the administrator for a new link.
fault-sign_in_wait = Too many attempts. Wait ten minutes and try again.
fault-password_short = The password is short. Make it twelve characters or more.
fault-password_differs = The two passwords differ. Write the same one twice.
fault-password_wrong = The current password is not right.

## Notices to the sender

notice-greeting = Peace be upon you,
notice-close =
    With kind regards,
    { $charity }
notice-fact-reference = Request number: { $value }
notice-fact-pin = PIN: { $value }
notice-fact-kind = Kind of request: { $value }
notice-fact-officer = Liaison officer: { $value }
notice-fact-department = Department: { $value }
notice-fact-sender = Sender: { $value }
notice-fact-due = Answer due: { $value }
notice-fact-reason = Why it came to you: { $value }
notice-track = To follow your request, open this page and enter the request number and the PIN:

notice-received-subject = We have your request { $reference }
notice-received-thanks = Thank you for writing to us. Your message has arrived and is safe with us.
notice-received-next = The liaison officer of { $department } will read it, and we will answer you by { $due } at the latest.
notice-received-add = If you want to add something, just answer this message.

notice-assigned-subject = Your request { $reference } is with the right person
notice-assigned-officer = Your request { $reference } is now with { $officer } of { $department }.
notice-assigned-department = Your request { $reference } is now with { $department }.
notice-assigned-next = You need not do anything now. We will write to you whenever there is news.

notice-question-subject = A question about your request { $reference }
notice-question-intro = We are working on your request and need an answer from you:
notice-question-next = Just answer this message: in writing, with a photo or with a voice message. We wait for your answer to go on.

notice-answer-subject = An answer to your request { $reference }
notice-answer-intro = This is our answer to your request:
notice-answer-next = If you have a question, answer this message.

notice-resolved-subject = We have finished with your request { $reference }
notice-resolved-intro = We have finished with your request. This is what was done:
notice-resolved-next = If the matter is not solved, answer this message with the words “not solved”, and we will go on working on it.
notice-resolved-link = You can also tell us here, with the request number and the PIN:

notice-rejected-subject = About your request { $reference }
notice-rejected-intro = We are sorry: we could not accept your request. The reason:
notice-rejected-next = If there is anything that changes this, answer this message and we will look at it again.

notice-reopened-subject = We are working on your request { $reference } again
notice-reopened-next = We have opened your request { $reference } again, and will answer you by { $due } at the latest.

## Notices to staff

notice-staff-close =
    Thank you,
    { $charity }
notice-desk = To open the request:
notice-excerpt = The message begins:
notice-confidential = This request is confidential. Its content is shown at the desk only, after signing in.

notice-alert-subject = New request { $reference }: { $kind }
notice-alert-intro = A new request has come to you.
notice-wrote-subject = New message on request { $reference }
notice-wrote-intro = The sender has written a new message.
notice-handed-subject = Request { $reference } was handed over to you
notice-handed-intro = A request was handed over to you by { $by }.
notice-handed-reason = Reason for handing over:

## Pages: the frame

skip-to-content = Skip to the content
language-other = العربية
language-ar = Arabic
language-en = English
foot-home = Home
foot-track = Follow a request
foot-privacy = We use what you write only to answer you, and only those who work on your request see it. You may ask us to correct or erase it.
size-kb = { $count } KB
size-mb = { $count } MB
list-more = Show more
list-do = Action

## Pages: forms

form-optional = (optional)
form-choose = Choose from the list
form-save = Save
form-name = Name
form-phone = Mobile number
form-phone-hint = Such as { "\u2068" }0551234567{ "\u2069" }
form-email = E-mail address
form-language = Language of our answer
form-reference = Request number
form-reference-hint = Such as { "\u2068" }26-004183-4{ "\u2069" }
form-pin = PIN
form-pin-hint = Six digits, given to you with the request number
form-password = Password
form-password-new = New password
form-password-hint = Twelve characters or more. A sentence you remember is better than a difficult word.
form-password-again = The password once more
form-password-current = Current password
files-add = Add photos or files
files-voice = Record a voice message
files-hint = Up to { $limit } MB for each file. Optional.
files-kept = These files are kept; you need not send them again:

## Portal: the beginning

home-title = What can we do for you?
home-lead = Choose what fits and write to us. You need no account, and you need not give your name.
home-track-title = Have you written before?
home-track-lead = Follow your request with its number and PIN.
home-track-button = Follow my request
home-contact-title = Would you rather talk to us?
home-contact-lead = Call us or visit us, and we will write the request for you.

## Portal: a new request

submit-back = Back to the choice
submit-lead = Write in your own words, as you would say it. We do the rest.
submit-text = What would you like to tell us?
submit-text-hint = What happened, when, and what do you want us to do? If writing is hard, record a voice message.
submit-person-title = How can we reach you?
submit-person-hint = A mobile number or an e-mail address is enough for our answer. If you leave them empty, you find the answer here with the request number and the PIN.
submit-declare-title = Declaration
submit-declare = What I wrote is true as far as I know, and I agree that the charity uses it to serve my request.
submit-send = Send the request
submit-after = After sending, we give you a number to follow your request.
submit-faults = The request is not sent yet. What you wrote is kept; please mend this:

receipt-title = We have your request
receipt-lead = Thank you. Please keep these two numbers.
receipt-keep = With them you can follow your request at any time. Give the PIN to nobody.
receipt-called = Please keep these two numbers: with them you find our answer here. If we need something, we call the number you left.
receipt-only-way = You left no telephone number and no e-mail address, so these two numbers are the only way to our answer. Take a picture of this page, or write them down.
receipt-next-title = What happens next?
receipt-next-read = The liaison officer of { $department } reads your request.
receipt-next-answer = We answer you by { $due } at the latest.
receipt-next-told = We send you any news to:
receipt-next-track = If you want to add something, open “Follow my request” and write it there.
receipt-kind = Kind of request:
receipt-paper = To follow it: open the charity’s web site, then “Follow my request”, and enter the two numbers.
receipt-print = You can take a picture of the screen, or print this page.
receipt-done = I am done

## Portal: following a request

track-login-title = Follow a request
track-login-lead = Enter the two numbers that we gave you.
track-login-button = Show the request
track-login-lost = If the PIN is lost, call us, or visit us with something that shows who you are.
track-again-title = Enter the PIN to send your reply
track-again-lead = Some time has passed since you came in, so we ask for the PIN once more. What you wrote is kept.
track-again-text = Your reply
track-again-button = Send the reply
track-step-received = Received
track-step-assigned = With an officer
track-step-working = In progress
track-step-finished = Finished
track-solved-title = Is the matter solved?
track-solved-yes = Yes, thank you
track-solved-no = No, it is not
track-solved-hint = If it is not, we go on working on it.
track-conversation = Messages
track-reply = Would you like to add something?
track-reply-answer = Your answer
track-reply-send = Send
track-leave = Close this page
track-leave-hint = Press here if this device is not yours.

fact-department = Department
fact-officer = Liaison officer
fact-opened = Received
fact-due = Answer due
fact-status = Status
fact-owner = Owner
fact-kind = Kind
fact-reason = Why here?

said-whole = Show the whole message
said-voice = Voice message

## What did not work

trouble-not_found = We could not find this page
trouble-do-not_found = Perhaps the address has changed or lacks a letter. Begin at the home page.
trouble-too_many_attempts = Too many attempts
trouble-do-too_many_attempts = Wait a quarter of an hour and try again. If the PIN is lost, call us.
trouble-expired = This page is no longer valid
trouble-do-expired = Nothing is lost. Please come in again.
trouble-forged = We could not take what was sent
trouble-do-forged = Open the page from our site, then send it again.
trouble-too_large = The files are larger than allowed
trouble-do-too_large = Go back and send smaller files, or send them one by one.
trouble-not_allowed = This page is not open to you
trouble-do-not_allowed = If your work needs it, ask the administrator.
trouble-received = We have your message
trouble-do-received = It is kept safely, and one of us will read it. You need not send it again. To be sure of a number to follow it by, call us.
trouble-broken = Something went wrong on our side
trouble-do-broken = We are sorry. Try again in a while; if it happens again, call us.
trouble-desk = To the desk

## What was done

done-sent = Your message has arrived. Thank you.
done-solved_yes = We are glad. Thank you for telling us.
done-solved_no = We are sorry. The request is open again and we are working on it.
done-replied = The reply was sent to the sender.
done-asked = The question was sent, and the request waits for the answer.
done-noted = The note was saved.
done-handed_over = The request was handed over, and its new owner was told.
done-started = The request is now in progress.
done-waiting = The request waits for somebody outside.
done-resolved = The request is settled, and the sender was told.
done-reopened = The request is open again.
done-rejected = The request was declined, and the sender was told why.
done-spam = The request was moved to spam.
done-logged = The request was logged; its number was sent to the sender if they left an address.
done-resent = The notice will be sent again.
done-replayed = The message was processed again.
done-password_changed = The password was changed.
done-saved = Saved.
done-signed_out = You are signed out.
refused-not_allowed = This is not possible for a request in this state. Perhaps a colleague has changed it; see the timeline.
refused-not_taken = We could not save it just now, and nothing was sent. What you wrote is still here: please press the button again in a minute.
refused-too_often = Too much was sent from here in a short time. What you wrote is still here: wait a little, attach your files again if there are any, then send it.
refused-still_broken = The message still cannot be understood. It is kept here.

## Desk

desk-title = Tawasul desk
desk-menu = Menu
desk-sign-out = Sign out
place-queue = Requests
place-new = New entry
place-people = Staff
place-inbox = Not understood
place-outbox = Not delivered
place-account = My account
sender-unknown = No name

sign-title = Staff sign-in
sign-account = E-mail address or account name
sign-button = Sign in
sign-lost = Forgot the password? Ask the administrator for a new link.
welcome-title = Welcome, { $name }
welcome-lead = Choose a password to begin.
welcome-button = Save and sign in

queue-title = Requests
queue-search = Search
queue-search-hint = Number, name or word
queue-matter = Request
queue-confidential = Confidential request
queue-unanswered = Needs our answer
queue-overdue = Overdue
queue-no-owner = No owner
queue-nothing = Nothing here now. Well done!
queue-not-found = Nothing found for { $search }. Try a shorter word, or “All”.
filter-open = Open
filter-mine = Mine
filter-new = Not begun
filter-waiting = Waiting
filter-resolved = Settled
filter-all = All

ticket-back = All requests
ticket-confidential = Confidential
ticket-about = About the request
ticket-sender = Sender
ticket-writes-in = Writes in
ticket-others = Their other requests
ticket-acts = Actions
ticket-timeline = Timeline
ticket-to = To
ticket-to-department = { $department } (as the department chooses)
ticket-act-reply = Reply
ticket-act-ask = Ask
ticket-act-note = Internal note
ticket-act-hand-over = Hand over
ticket-act-resolve = Settle
ticket-act-reject = Decline
ticket-act-reopen = Reopen
ticket-act-start = Start work
ticket-act-wait = Wait for somebody outside
ticket-act-spam = Spam
ticket-words-reply = Reply to the sender
ticket-words-ask = Question
ticket-words-note = Note
ticket-words-hand-over = Reason for handing over
ticket-words-resolve = How was it settled?
ticket-words-reject = Reason for declining
ticket-words-reopen = Reason
ticket-hint-reply = The sender gets it as you write it.
ticket-hint-ask = The sender gets it, and the clock stops until they answer.
ticket-hint-note = Only staff see it.
ticket-hint-hand-over = The new owner sees it; the sender does not.
ticket-hint-resolve = The sender gets it, and can say that the matter is not solved.
ticket-hint-reject = The sender gets it. Write what they can do instead.
ticket-hint-reopen = Only staff see it.
ticket-hint-spam = Nothing is sent to its sender, and it can be reopened.
ticket-send-reply = Send the reply
ticket-send-ask = Send the question
ticket-send-note = Save the note
ticket-send-hand-over = Hand the request over
ticket-send-resolve = Settle and tell the sender
ticket-send-reject = Decline and tell the sender
ticket-send-reopen = Reopen the request
ticket-send-spam = Move to spam

entry-title = Log a visit, call or letter
entry-way = How did it come?
entry-kind = Kind of request
entry-site = Site
entry-subject = Subject
entry-text = What did they say or write?
entry-send = Log the request
slip-title = The request is logged
slip-open = Open the request
slip-another = Log another one
slip-hint = Read the two numbers out to the caller, or print this page for the visitor. It stays open for a quarter of an hour.
entry-after = After that you see the request number and the PIN, to read them out or print them.

people-title = Staff
people-name = Name
people-departments = Departments
people-presence = Presence
people-account = Account
people-present = Present
people-absent = Absent until { $until }
people-account-none = No account
people-account-invited = Invited
people-account-active = Active
people-invite = Password link
people-invite-made = Link for { $name }. Copy it now; it will not be shown again:
people-invite-hint = It works once, until { $until }.

inbox-title = Not understood
inbox-lead = Messages that arrived and are kept, but could not be processed. Nothing of them is lost.
inbox-nothing = No messages here. All that arrived became requests.
inbox-arrived = Arrived
inbox-why = Reason
inbox-replay = Process again
inbox-raw = Download the original

outbox-title = Not delivered
outbox-lead = Notices that did not reach people after all attempts. Mend the cause and send them again, or call the people.
outbox-nothing = No notices here. All that we sent has arrived.
outbox-notice = Notice
outbox-resend = Send again

account-absence = Absence
account-until = Absent until the end of
account-until-hint = While you are absent, new requests go to others. Leave it empty when you are present.
account-language-title = My language
account-language = Language of pages and notices
account-password = Password
account-password-button = Change the password

demo-title = Play both sides of Tawasul
demo-lead = The charity and its people are made up, and no message leaves this machine. Write as a sender, then come in as an officer and answer.
demo-desk = The desk
demo-desk-hint = One press signs you in as that officer, in a new tab.
demo-phones = The senders' phones
demo-about = About what?
demo-about-hint = Leave it empty for something new.
demo-about-matter = In answer to { $reference }
demo-kind = Kind of request, when it is new
demo-text = Message
demo-send = Send as this sender
demo-talk = The conversation, the newest first
demo-look-again = Look again
demo-nothing = No phone has got any message yet.
demo-refused = The message was not sent. Write some words, and choose a matter from the list or leave it empty.

mail-login-code = Open this address in a browser on any device, sign in with the account of the mailbox, and enter the code.
mail-login-browser = Open this address in a browser and sign in with the account of the mailbox. If the browser is on another machine, it ends at a page that does not open: paste that page's address here.
mail-login-done = The mailbox is signed in.
