### النصوص العربية: هي الأصل، والإنجليزية في en.ftl بالمفاتيح نفسها.
### الخطاب للمراجع بصيغة الجمع احترامًا، والجمل قصيرة، والأرقام لاتينية.

## الأعداد

count-tickets = { $count ->
    [zero] لا طلبات
    [one] طلب واحد
    [two] طلبان
    [few] { $count } طلبات
    [many] { $count } طلبًا
   *[other] { $count } طلب
}
count-attempts = { $count ->
    [zero] لم تجر أي محاولة
    [one] محاولة واحدة
    [two] محاولتان
    [few] { $count } محاولات
    [many] { $count } محاولة
   *[other] { $count } محاولة
}

## التاريخ والوقت

date-gregorian = { $weekday } { $day } { $month } { $year }
date-short = { $day } { $month } { $year }
date-hijri = { $day } { $month } { $year } هـ
date-both = { $gregorian } ({ $hijri })
date-time = { $date }، الساعة { $time }
date-time-short = { $date }، { $time }
time-morning = { $time } صباحًا
time-evening = { $time } مساءً
weekday-1 = الاثنين
weekday-2 = الثلاثاء
weekday-3 = الأربعاء
weekday-4 = الخميس
weekday-5 = الجمعة
weekday-6 = السبت
weekday-7 = الأحد
month-1 = يناير
month-2 = فبراير
month-3 = مارس
month-4 = أبريل
month-5 = مايو
month-6 = يونيو
month-7 = يوليو
month-8 = أغسطس
month-9 = سبتمبر
month-10 = أكتوبر
month-11 = نوفمبر
month-12 = ديسمبر
hijri-month-1 = محرم
hijri-month-2 = صفر
hijri-month-3 = ربيع الأول
hijri-month-4 = ربيع الآخر
hijri-month-5 = جمادى الأولى
hijri-month-6 = جمادى الآخرة
hijri-month-7 = رجب
hijri-month-8 = شعبان
hijri-month-9 = رمضان
hijri-month-10 = شوال
hijri-month-11 = ذو القعدة
hijri-month-12 = ذو الحجة

## حالات الطلب

status-new = جديد
status-assigned = لدى ضابط الاتصال
status-in_progress = قيد العمل
status-waiting_sender = بانتظار صاحب الطلب
status-waiting_third_party = بانتظار جهة أخرى
status-resolved = تمت التسوية
status-closed = مغلق
status-rejected = تعذّر قبوله
status-duplicate = مكرر
status-spam = رسالة مزعجة
status-reopened = أعيد فتحه

status-told-new = وصلنا طلبكم، وسيقرؤه ضابط الاتصال قريبًا.
status-told-assigned = طلبكم لدى ضابط الاتصال المختص.
status-told-in_progress = نعمل على طلبكم الآن.
status-told-waiting_sender = سألناكم سؤالًا، وننتظر جوابكم لنكمل العمل.
status-told-waiting_third_party = ننتظر ردًا من جهة أخرى، وسنخبركم عند وصوله.
status-told-resolved = انتهينا من طلبكم. هل تم حل الأمر؟
status-told-closed = أُغلق هذا الطلب. إن بقي شيء فاكتبوا لنا هنا.
status-told-rejected = تعذّر علينا قبول هذا الطلب، والسبب مكتوب في رسالتنا.
status-told-duplicate = هذا الطلب مكرر، ونتابع الأمر في طلب آخر لكم.
status-told-spam = أُغلق هذا الطلب.
status-told-reopened = أعدنا فتح طلبكم، ونعمل عليه من جديد.

## ما يمكن عمله

act-assign = تسليم
act-start = بدء العمل
act-reply = رد
act-ask = سؤال صاحب الطلب
act-await_third_party = انتظار جهة أخرى
act-sender_wrote = كتب صاحب الطلب
act-resolve = تسوية
act-close = إغلاق
act-reject = اعتذار عن الطلب
act-mark_duplicate = مكرر
act-mark_spam = رسالة مزعجة
act-reopen = إعادة فتح
act-hand_over = إحالة
act-note = ملاحظة داخلية

## الأولوية والفئات والأدوار

priority-normal = عادي
priority-high = مهم
priority-emergency = طارئ

group-beneficiary = مستفيد
group-employee = موظف
group-client_or_supplier = عميل أو مورد
group-government = جهة حكومية أو أهلية
group-private_sector = قطاع خاص
group-volunteer = متطوع
group-donor = متبرع
group-anonymous = بلا اسم

role-officer = ضابط اتصال
role-clerk = موظف علاقات المستفيدين
role-supervisor = مشرف
role-manager = مدير عام
role-admin = مسؤول النظام

## القنوات وطرق الوصول

channel-email = بريد إلكتروني
channel-webhook = نظام آخر
channel-portal = الموقع الإلكتروني
channel-desk = مكتب الاستقبال
channel-api = واجهة برمجية
channel-telegram = تيليجرام
channel-sandbox = قناة تجريبية

way-visit = زيارة
way-call = مكالمة هاتفية
way-letter = خطاب
way-fax = فاكس

direction-inbound = من صاحب الطلب
direction-outbound = من الجمعية
direction-note = ملاحظة داخلية

## أحداث السجل

actor-sender = صاحب الطلب
actor-system = النظام
actor-interface = نظام آخر عبر الواجهة «{ $name }»
actor-through = { $who } عبر الواجهة «{ $name }»

event-opened = وصول الطلب عبر { $channel }
event-routed = توجيه الطلب إلى { $department }، والمسؤول { $to }
event-sender_wrote = رسالة جديدة من صاحب الطلب
event-accepted = بدء العمل على الطلب
event-replied = رد على صاحب الطلب
event-asked = سؤال لصاحب الطلب
event-noted = ملاحظة داخلية
event-handed_over = إحالة الطلب إلى { $department }، والمسؤول { $to }
event-waiting_third_party = انتظار جهة أخرى
event-resolved = تسوية الطلب
event-closed = إغلاق الطلب
event-rejected = اعتذار عن الطلب
event-marked_duplicate = طلب مكرر
event-marked_spam = رسالة مزعجة
event-reopened = إعادة فتح الطلب
event-notice_sent = إرسال إشعار إلى { $address } عبر { $channel }
event-notice_failed = تعذّر إرسال إشعار إلى { $address } عبر { $channel }
event-notice_delayed = تأخر وصول إشعار إلى { $address } عبر { $channel }، وما زالت الشبكة تحاول
event-notice_withheld = إشعار لم يُرسل إلى { $address }
event-viewed = اطلاع على طلب سري

## لماذا هنا؟

reason-rule = بحسب قاعدة التوجيه: { $detail }
reason-kind = بحسب نوع الطلب: { $detail }
reason-words = بحسب كلمات في الرسالة: { $detail }
reason-mailbox = بحسب العنوان الذي وصل إليه: { $detail }
reason-asked = لأن صاحب الطلب كتب إلى { $detail }
reason-fallback = لم تنطبق عليه أي قاعدة، فوصل إلى المشرف
reason-main = ضابط الاتصال الأول في { $detail }
reason-rota = بالتناوب في { $detail }
reason-fewest_open = الأقل طلبات مفتوحة في { $detail }
reason-named = عيّنته القاعدة: { $detail }
reason-absent = بديلًا عن { $detail } الغائب
reason-nobody_present = لا أحد حاضر في { $detail }، فوصل إلى المشرف
reason-handed_over = أُحيل من { $detail }
reason-departed = بدلًا عن { $detail } الذي لم يعد ضمن فريق العمل

cause-departed = لأن المسؤول السابق لم يعد ضمن فريق العمل

## أخطاء الإرسال والإشعارات

send-throttled = طلبت الشبكة التمهل، وسنعيد المحاولة.
send-unreachable = تعذّر الوصول إلى الشبكة، وسنعيد المحاولة.
send-rejected = رفضت الشبكة الرسالة. راجعوا العنوان مع صاحب الطلب.
send-invalid = لا يمكن إرسال هذه الرسالة عبر هذه القناة. جرّبوا عنوانًا آخر.
send-misconfigured = إعداد القناة غير صحيح. أخبروا مسؤول النظام.
send-stopped = أوقف المستلم رسائلنا. تواصلوا معه بطريقة أخرى.
send-uncertain = سُلّمت الرسالة ولم يصلنا تأكيد، وسنعيد المحاولة.
send-no_such_mailbox = لا يوجد صندوق بريد بهذا العنوان. اطلبوا العنوان الصحيح من صاحب الطلب.
send-domain_not_found = النطاق الوارد بعد @ في العنوان غير موجود. اطلبوا العنوان الصحيح من صاحب الطلب.
send-suspended = صندوق بريد المستلم موقوف. تواصلوا معه بطريقة أخرى.
send-mailbox_full = صندوق بريد المستلم ممتلئ. تواصلوا معه بطريقة أخرى، أو أعيدوا الإرسال لاحقًا.
send-too_big = حجم الرسالة أكبر مما يقبله بريد المستلم. أرسلوها دون مرفقات.
send-blocked = عدّ مزوّد بريد المستلم الرسالة مزعجة. أخبروا مسؤول النظام.
send-policy = لا تسمح قواعد مزوّد بريد المستلم بدخول الرسالة. تواصلوا معه بطريقة أخرى.
send-expired = تعذّر الوصول إلى مزوّد بريد المستلم مدة طويلة. راجعوا العنوان، أو أعيدوا الإرسال لاحقًا.
send-loop = دارت الرسالة في حلقة عند مزوّد بريد المستلم. تواصلوا معه بطريقة أخرى.
send-undelivered = أعادت الشبكة الرسالة دون سبب واضح. راجعوا العنوان مع صاحب الطلب.

delivery-queued = في انتظار الإرسال
delivery-sent = أُرسلت
delivery-retrying = لم تصل بعد، وسنعيد المحاولة
delivery-given_up = تعذّر إرسالها
delivery-withheld = لم تُرسل
delivery-bounced = ارتدت ولم تصل

withheld-auto_reply = لأن الرسالة كتبها مجيب آلي
withheld-bounce = لأن الرسالة تقرير ارتداد
withheld-bounced = لأن رسالة سابقة إلى هذا العنوان ارتدت
withheld-bulk = لأن الرسالة من قائمة بريدية
withheld-own = لأن العنوان من عناويننا
withheld-rate = لأن هذا العنوان استلم إشعارات كثيرة في هذه الساعة
withheld-domain_rate = لأن نطاق هذا العنوان استلم إشعارات كثيرة في هذه الساعة

attachment-too-big = الملف أكبر من المسموح
attachment-unavailable = تعذّر جلب الملف
attachment-refused = نوع الملف غير مسموح

## أخطاء النماذج: ما الخطأ، وما العمل

fault-missing = هذا السؤال لا بد منه. اكتبوا الجواب هنا.
fault-too_long = النص أطول من المسموح. اختصروه، أو أرفقوه ملفًا.
fault-not_a_number = اكتبوا رقمًا فقط، مثل 5.
fault-not_a_date = اكتبوا التاريخ هكذا: { "\u2068" }2026-11-23{ "\u2069" }.
fault-not_offered = اختاروا واحدًا من القائمة.
fault-phone = رقم الهاتف غير صحيح. اكتبوه هكذا: { "\u2068" }0551234567{ "\u2069" }.
fault-mail = البريد الإلكتروني غير صحيح. اكتبوه هكذا: { "\u2068" }name@example.com{ "\u2069" }.
fault-text_missing = اكتبوا رسالتكم هنا، أو أرفقوا رسالة صوتية أو صورة.
fault-declare = ضعوا علامة في هذا المربع لنتمكن من استلام الطلب.
fault-file_too_big = أحد الملفات أكبر من المسموح. أرسلوا ملفًا أصغر.
fault-too_many_files = الملفات كثيرة. أرسلوا بعضها الآن، والباقي في رسالة لاحقة.
fault-reference = رقم الطلب غير صحيح. راجعوا الأرقام رقمًا رقمًا.
fault-pin = الرقم السري ستة أرقام.
fault-track = لا يوجد طلب بهذين الرقمين معًا. راجعوا رقم الطلب والرقم السري. وإن كانا صحيحين فربما جُرّبت اليوم أرقام سرية خاطئة كثيرة: حاولوا غدًا أو اتصلوا بنا.
fault-track_wait = محاولات كثيرة. انتظروا ربع ساعة ثم حاولوا مرة أخرى.
fault-sign_in = البريد أو كلمة المرور غير صحيحة. حاولوا مرة أخرى، وإن كنتم متأكدين منهما فاطلبوا من مسؤول النظام رابطًا جديدًا.
fault-sign_in_wait = محاولات كثيرة. انتظروا عشر دقائق ثم حاولوا مرة أخرى.
fault-password_short = كلمة المرور قصيرة. اجعلوها اثني عشر حرفًا أو أكثر.
fault-password_differs = الكلمتان مختلفتان. اكتبوا الكلمة نفسها مرتين.
fault-password_wrong = كلمة المرور الحالية غير صحيحة.

## الإشعارات: إلى صاحب الطلب

notice-greeting = السلام عليكم ورحمة الله وبركاته،
notice-close =
    حفظكم الله،
    { $charity }
notice-fact-reference = رقم الطلب: { $value }
notice-fact-pin = الرقم السري: { $value }
notice-fact-kind = نوع الطلب: { $value }
notice-fact-officer = ضابط الاتصال: { $value }
notice-fact-department = الإدارة: { $value }
notice-fact-sender = صاحب الطلب: { $value }
notice-fact-due = موعد الرد: { $value }
notice-fact-reason = لماذا وصلكم: { $value }
notice-track = لمتابعة طلبكم افتحوا هذه الصفحة، واكتبوا رقم الطلب والرقم السري:

notice-received-subject = وصلنا طلبكم رقم { $reference }
notice-received-thanks = شكرًا لتواصلكم معنا. وصلتنا رسالتكم وحفظناها.
notice-received-next = يقرأ طلبكم ضابط الاتصال في { $department }، ونرد عليكم في موعد أقصاه { $due }.
notice-received-add = إن أردتم إضافة شيء فيكفي أن تردوا على هذه الرسالة.

notice-assigned-subject = طلبكم رقم { $reference } لدى المختص
notice-assigned-officer = طلبكم رقم { $reference } الآن لدى { $officer } من { $department }.
notice-assigned-department = طلبكم رقم { $reference } الآن لدى { $department }.
notice-assigned-next = لا يلزمكم شيء الآن. نكتب لكم عند كل جديد.

notice-question-subject = سؤال عن طلبكم رقم { $reference }
notice-question-intro = نعمل على طلبكم، ونحتاج منكم إلى جواب:
notice-question-next = للإجابة يكفي أن تردوا على هذه الرسالة، بالكتابة أو بصورة أو برسالة صوتية. ننتظر جوابكم لنكمل العمل.

notice-answer-subject = رد على طلبكم رقم { $reference }
notice-answer-intro = هذا ردنا على طلبكم:
notice-answer-next = إن كان لديكم سؤال فردوا على هذه الرسالة.

notice-resolved-subject = انتهينا من طلبكم رقم { $reference }
notice-resolved-intro = انتهينا من طلبكم، وهذا ما تم:
notice-resolved-next = إن لم يُحل الأمر فردوا على هذه الرسالة واكتبوا «لم يُحل»، ونعود إلى العمل عليه.
notice-resolved-link = ويمكنكم أن تخبرونا هنا، برقم الطلب والرقم السري:

notice-rejected-subject = بخصوص طلبكم رقم { $reference }
notice-rejected-intro = نعتذر منكم، فلم نتمكن من قبول طلبكم. السبب:
notice-rejected-next = إن كان لديكم ما يغيّر هذا فردوا على هذه الرسالة، ونعيد النظر فيه.

notice-reopened-subject = عدنا إلى العمل على طلبكم رقم { $reference }
notice-reopened-next = أعدنا فتح طلبكم رقم { $reference }، ونرد عليكم في موعد أقصاه { $due }.

## الإشعارات: إلى الموظفين

notice-staff-close =
    مع الشكر،
    { $charity }
notice-desk = لفتح الطلب:
notice-excerpt = بداية الرسالة:
notice-confidential = هذا الطلب سري، ولا يُعرض محتواه إلا في المكتب بعد تسجيل الدخول.

notice-alert-subject = طلب جديد { $reference }: { $kind }
notice-alert-intro = وصلكم طلب جديد.
notice-wrote-subject = رسالة جديدة على الطلب { $reference }
notice-wrote-intro = كتب صاحب الطلب رسالة جديدة.
notice-handed-subject = أُحيل إليكم الطلب { $reference }
notice-handed-intro = أُحيل إليكم طلب من { $by }.
notice-handed-reason = سبب الإحالة:

## الصفحات: الإطار

skip-to-content = إلى المحتوى
language-other = English
language-ar = العربية
language-en = الإنجليزية
foot-home = الصفحة الرئيسة
foot-track = متابعة طلب
foot-privacy = نستعمل ما تكتبونه للرد عليكم فقط، ولا يراه إلا من يعمل على طلبكم. ولكم أن تطلبوا تصحيحه أو حذفه.
size-kb = { $count } ك.ب
size-mb = { $count } م.ب
list-more = عرض المزيد
list-do = الإجراء

## الصفحات: النماذج

form-optional = (اختياري)
form-choose = اختاروا من القائمة
form-save = حفظ
form-name = الاسم
form-phone = رقم الجوال
form-phone-hint = مثل { "\u2068" }0551234567{ "\u2069" }
form-email = البريد الإلكتروني
form-language = لغة الرد
form-reference = رقم الطلب
form-reference-hint = مثل { "\u2068" }26-004183-4{ "\u2069" }
form-pin = الرقم السري
form-pin-hint = ستة أرقام، أعطيناكم إياها مع رقم الطلب
form-password = كلمة المرور
form-password-new = كلمة المرور الجديدة
form-password-hint = اثنا عشر حرفًا أو أكثر. جملة تتذكرونها خير من كلمة صعبة.
form-password-again = كلمة المرور مرة أخرى
form-password-current = كلمة المرور الحالية
files-add = إضافة صور أو ملفات
files-voice = تسجيل رسالة صوتية
files-hint = حتى { $limit } م.ب للملف الواحد. هذا اختياري.
files-kept = هذه الملفات محفوظة، ولا حاجة إلى إرسالها مرة أخرى:

## بوابة المراجعين: البداية

home-title = كيف نخدمكم؟
home-lead = اختاروا ما يناسبكم واكتبوا لنا. لا حاجة إلى حساب، ويمكنكم ألا تذكروا اسمكم.
home-track-title = هل كتبتم لنا من قبل؟
home-track-lead = تابعوا طلبكم برقم الطلب والرقم السري.
home-track-button = متابعة طلبي
home-contact-title = هل تفضّلون الكلام معنا؟
home-contact-lead = اتصلوا بنا أو زورونا، ونكتب الطلب عنكم.

## بوابة المراجعين: طلب جديد

submit-back = رجوع إلى الاختيار
submit-lead = اكتبوا بكلماتكم، كما تتكلمون. ونحن نكمل الباقي.
submit-text = ماذا تريدون أن تقولوا لنا؟
submit-text-hint = ماذا حدث، ومتى، وماذا تريدون منا أن نفعل؟ وإن كانت الكتابة صعبة فسجّلوا رسالة صوتية.
submit-person-title = كيف نصل إليكم؟
submit-person-hint = رقم الجوال أو البريد يكفي لنرسل لكم الرد. وإن تركتموها فارغة فالرد تجدونه هنا برقم الطلب والرقم السري.
submit-declare-title = الإقرار
submit-declare = ما كتبته صحيح بحسب علمي، وأوافق على أن تستعمله الجمعية لخدمة طلبي.
submit-send = إرسال الطلب
submit-after = بعد الإرسال نعطيكم رقمًا تتابعون به طلبكم.
submit-faults = لم يُرسل الطلب بعد. ما كتبتموه محفوظ، ويبقى إصلاح ما يلي:

receipt-title = وصلنا طلبكم
receipt-lead = شكرًا لكم. احتفظوا بهذين الرقمين.
receipt-keep = بهما تتابعون طلبكم في أي وقت. لا تعطوا الرقم السري لأحد.
receipt-called = احفظوا هذين الرقمين، فبهما تجدون جوابنا هنا. وإن احتجنا إلى شيء اتصلنا بكم على الرقم الذي تركتموه.
receipt-only-way = لم تتركوا رقمًا ولا بريدًا، فهذان الرقمان هما الطريق الوحيد إلى الرد. صوّروا هذه الصفحة أو اكتبوهما على ورقة.
receipt-next-title = ماذا بعد؟
receipt-next-read = يقرأ طلبكم ضابط الاتصال في { $department }.
receipt-next-answer = نرد عليكم في موعد أقصاه { $due }.
receipt-next-told = نرسل لكم كل جديد إلى:
receipt-next-track = إن أردتم إضافة شيء فافتحوا «متابعة طلبي» واكتبوه هناك.
receipt-kind = نوع الطلب:
receipt-paper = للمتابعة: افتحوا موقع الجمعية، ثم «متابعة طلبي»، واكتبوا الرقمين.
receipt-print = يمكنكم تصوير الشاشة، أو طباعة هذه الصفحة.
receipt-done = انتهيت

## بوابة المراجعين: المتابعة

track-login-title = متابعة طلب
track-login-lead = اكتبوا الرقمين اللذين أعطيناكم إياهما.
track-login-button = عرض الطلب
track-login-lost = إن ضاع الرقم السري فاتصلوا بنا، أو زورونا ومعكم ما يثبت هويتكم.
track-again-title = اكتبوا الرقم السري لإرسال ردكم
track-again-lead = مضى وقت على دخولكم، فنسألكم عن الرقم السري مرة أخرى. ما كتبتموه محفوظ.
track-again-text = ردكم
track-again-button = إرسال الرد
track-step-received = وصلنا
track-step-assigned = لدى المختص
track-step-working = قيد العمل
track-step-finished = انتهى
track-solved-title = هل تم حل الأمر؟
track-solved-yes = نعم، شكرًا لكم
track-solved-no = لا، لم يُحل
track-solved-hint = إن لم يُحل عدنا إلى العمل عليه.
track-conversation = الرسائل
track-reply = هل تريدون إضافة شيء؟
track-reply-answer = جوابكم
track-reply-send = إرسال
track-leave = إغلاق هذه الصفحة
track-leave-hint = اضغطوا هنا إن كان الجهاز لغيركم.

fact-department = الإدارة
fact-officer = ضابط الاتصال
fact-opened = تاريخ الوصول
fact-due = موعد الرد
fact-status = الحالة
fact-owner = المسؤول
fact-kind = نوع الطلب
fact-reason = لماذا هنا؟

said-whole = عرض الرسالة كاملة
said-voice = رسالة صوتية

## ما لم يتم

trouble-not_found = لم نجد هذه الصفحة
trouble-do-not_found = ربما تغيّر العنوان أو نقص منه حرف. ابدؤوا من الصفحة الرئيسة.
trouble-too_many_attempts = محاولات كثيرة
trouble-do-too_many_attempts = انتظروا ربع ساعة ثم حاولوا مرة أخرى. وإن ضاع الرقم السري فاتصلوا بنا.
trouble-expired = انتهت صلاحية هذه الصفحة
trouble-do-expired = لم يضع شيء. ادخلوا من جديد.
trouble-forged = لم نتمكن من قبول هذا الإرسال
trouble-do-forged = افتحوا الصفحة من موقعنا، ثم أرسلوا من جديد.
trouble-too_large = الملفات أكبر من المسموح
trouble-do-too_large = ارجعوا وأرسلوا ملفات أصغر، أو أرسلوها واحدًا واحدًا.
trouble-not_allowed = هذه الصفحة ليست متاحة لكم
trouble-do-not_allowed = إن كان عملكم يحتاج إليها فاطلبوها من مسؤول النظام.
trouble-received = وصلتنا رسالتكم
trouble-do-received = رسالتكم محفوظة عندنا، وسيطّلع عليها أحدنا. لا حاجة إلى إرسالها مرة أخرى، وإن أردتم رقمًا لمتابعتها فاتصلوا بنا.
trouble-broken = حدث خطأ عندنا
trouble-do-broken = نعتذر منكم. حاولوا بعد قليل، وإن تكرر فاتصلوا بنا.
trouble-desk = إلى المكتب

## ما تم

done-sent = وصلتنا رسالتكم، شكرًا لكم.
done-solved_yes = الحمد لله. شكرًا لأنكم أخبرتمونا.
done-solved_no = نأسف لذلك. أعدنا فتح الطلب، ونعمل عليه من جديد.
done-replied = أُرسل الرد إلى صاحب الطلب.
done-asked = أُرسل السؤال إلى صاحب الطلب، والطلب بانتظار جوابه.
done-noted = حُفظت الملاحظة.
done-handed_over = أُحيل الطلب، وأُبلغ المسؤول الجديد.
done-started = الطلب الآن قيد العمل.
done-waiting = الطلب بانتظار جهة أخرى.
done-resolved = تمت التسوية، وأُبلغ صاحب الطلب.
done-reopened = أُعيد فتح الطلب.
done-rejected = أُغلق الطلب، وأُبلغ صاحبه بالسبب.
done-spam = نُقل الطلب إلى الرسائل المزعجة.
done-logged = سُجّل الطلب، وأُرسل الرقم إلى صاحبه إن ترك عنوانًا.
done-resent = أُعيد الإشعار إلى الإرسال.
done-replayed = أُعيدت معالجة الرسالة.
done-password_changed = تغيّرت كلمة المرور.
done-saved = تم الحفظ.
done-signed_out = تم تسجيل الخروج.
refused-not_allowed = لا يمكن ذلك والطلب في هذه الحالة. ربما غيّره زميل؛ راجعوا السجل.
refused-not_taken = تعذّر الحفظ الآن، ولم يُرسل شيء. ما كتبتموه باقٍ هنا: اضغطوا الزر مرة أخرى بعد دقيقة.
refused-too_often = أُرسل من هنا كثير في وقت قصير. ما كتبتموه باقٍ هنا: انتظروا قليلًا، وأعيدوا إرفاق ملفاتكم إن وجدت، ثم أرسلوا.
refused-still_broken = ما زالت الرسالة غير مفهومة. بقيت محفوظة هنا.

## المكتب

desk-title = مكتب تواصل
desk-menu = القائمة
desk-sign-out = خروج
place-queue = الطلبات
place-new = تسجيل جديد
place-people = الموظفون
place-inbox = وارد لم يُفهم
place-outbox = صادر لم يصل
place-account = حسابي
sender-unknown = بلا اسم

sign-title = دخول الموظفين
sign-account = البريد الإلكتروني أو اسم الحساب
sign-button = دخول
sign-lost = نسيتم كلمة المرور؟ اطلبوا رابطًا جديدًا من مسؤول النظام.
welcome-title = أهلًا بكم، { $name }
welcome-lead = اختاروا كلمة مرور لتبدؤوا العمل.
welcome-button = حفظ والدخول

queue-title = الطلبات
queue-search = بحث
queue-search-hint = رقم، أو اسم، أو كلمة
queue-matter = الطلب
queue-confidential = طلب سري
queue-unanswered = ينتظر ردنا
queue-overdue = متأخر
queue-no-owner = بلا مسؤول
queue-nothing = لا شيء هنا الآن. عمل طيب!
queue-not-found = لا نتائج لـ{ $search }. جرّبوا كلمة أقصر، أو «الكل».
filter-open = المفتوحة
filter-mine = طلباتي
filter-new = لم يبدأ العمل
filter-waiting = بانتظار جواب
filter-resolved = تمت تسويتها
filter-all = الكل

ticket-back = كل الطلبات
ticket-confidential = سري
ticket-about = عن الطلب
ticket-sender = صاحب الطلب
ticket-writes-in = يكتب بـ
ticket-others = طلبات أخرى له
ticket-acts = الإجراءات
ticket-timeline = السجل
ticket-to = إلى
ticket-to-department = { $department } (بحسب طريقة الإدارة)
ticket-act-reply = رد
ticket-act-ask = سؤال
ticket-act-note = ملاحظة داخلية
ticket-act-hand-over = إحالة
ticket-act-resolve = تسوية
ticket-act-reject = اعتذار
ticket-act-reopen = إعادة فتح
ticket-act-start = بدء العمل
ticket-act-wait = بانتظار جهة أخرى
ticket-act-spam = رسالة مزعجة
ticket-words-reply = الرد على صاحب الطلب
ticket-words-ask = السؤال
ticket-words-note = الملاحظة
ticket-words-hand-over = سبب الإحالة
ticket-words-resolve = كيف تمت التسوية؟
ticket-words-reject = سبب الاعتذار
ticket-words-reopen = السبب
ticket-hint-reply = يصل إلى صاحب الطلب كما تكتبونه.
ticket-hint-ask = يصل إلى صاحب الطلب، ويتوقف حساب الوقت حتى يجيب.
ticket-hint-note = يراها الموظفون فقط.
ticket-hint-hand-over = يراه المسؤول الجديد، ولا يراه صاحب الطلب.
ticket-hint-resolve = يصل إلى صاحب الطلب، وله أن يقول إن الأمر لم يُحل.
ticket-hint-reject = يصل إلى صاحب الطلب. اكتبوا ما يمكنه أن يفعله بدلًا من ذلك.
ticket-hint-reopen = يراه الموظفون فقط.
ticket-hint-spam = لا يُرسل شيء إلى صاحب الرسالة، ويمكن إعادة فتحها.
ticket-send-reply = إرسال الرد
ticket-send-ask = إرسال السؤال
ticket-send-note = حفظ الملاحظة
ticket-send-hand-over = إحالة الطلب
ticket-send-resolve = تسوية وإبلاغ صاحب الطلب
ticket-send-reject = اعتذار وإبلاغ صاحب الطلب
ticket-send-reopen = إعادة فتح الطلب
ticket-send-spam = نقل إلى الرسائل المزعجة

entry-title = تسجيل زيارة أو مكالمة أو خطاب
entry-way = كيف وصل؟
entry-kind = نوع الطلب
entry-site = الفرع
entry-subject = الموضوع
entry-text = ماذا قال أو كتب؟
entry-send = تسجيل الطلب
slip-title = سُجّل الطلب
slip-open = فتح الطلب
slip-another = تسجيل طلب آخر
slip-hint = اقرؤوا الرقمين على المتصل، أو اطبعوا هذه الصفحة للزائر. تبقى متاحة ربع ساعة.
entry-after = بعد التسجيل يظهر رقم الطلب والرقم السري، لقراءتهما أو طباعتهما.

people-title = الموظفون
people-name = الاسم
people-departments = الإدارات
people-presence = الحضور
people-account = الحساب
people-present = حاضر
people-absent = غائب حتى { $until }
people-account-none = بلا حساب
people-account-invited = أُرسلت الدعوة
people-account-active = مفعّل
people-invite = رابط كلمة مرور
people-invite-made = رابط { $name }. انسخوه الآن، فلن يظهر مرة أخرى:
people-invite-hint = يعمل مرة واحدة، حتى { $until }.

inbox-title = وارد لم يُفهم
inbox-lead = رسائل وصلت وحُفظت، ولم نتمكن من معالجتها. لم يضع منها شيء.
inbox-nothing = لا رسائل هنا. كل ما وصل صار طلبات.
inbox-arrived = الوصول
inbox-why = السبب
inbox-replay = إعادة المعالجة
inbox-raw = تنزيل الأصل

outbox-title = صادر لم يصل
outbox-lead = إشعارات لم تصل إلى أصحابها بعد كل المحاولات. صححوا السبب ثم أعيدوا الإرسال، أو اتصلوا بهم.
outbox-nothing = لا إشعارات هنا. كل ما أرسلناه وصل.
outbox-notice = الإشعار
outbox-resend = إعادة الإرسال

account-absence = الغياب
account-until = غائب حتى نهاية يوم
account-until-hint = في غيابكم تذهب الطلبات الجديدة إلى غيركم. اتركوه فارغًا عند الحضور.
account-language-title = لغتي
account-language = لغة الصفحات والإشعارات
account-password = كلمة المرور
account-password-button = تغيير كلمة المرور

demo-title = تجربة تواصل من الجهتين
demo-lead = الجهة والناس هنا من نسج الخيال، ولا تخرج أي رسالة من هذا الجهاز. اكتبوا باسم مراجع، ثم ادخلوا باسم موظف وأجيبوه.
demo-desk = مكتب الموظفين
demo-desk-hint = ضغطة واحدة تدخلكم باسم الموظف في نافذة جديدة.
demo-phones = جوالات المراجعين
demo-about = في أي موضوع؟
demo-about-hint = اتركوه فارغًا لموضوع جديد.
demo-about-matter = ردًا على الطلب { $reference }
demo-kind = نوع الطلب، إن كان جديدًا
demo-text = نص الرسالة
demo-send = إرسال باسم المراجع
demo-talk = المحادثة، الأحدث أولًا
demo-look-again = تحديث
demo-nothing = لم تصل أي رسالة إلى أي جوال بعد.
demo-refused = لم تُرسل الرسالة. اكتبوا نصًا، واختاروا موضوعًا من القائمة أو اتركوه فارغًا.

mail-login-code = افتحوا هذا العنوان في متصفح على أي جهاز، وسجلوا الدخول بحساب صندوق البريد، ثم أدخلوا الرمز.
mail-login-browser = افتحوا هذا العنوان في متصفح، وسجلوا الدخول بحساب صندوق البريد. إن كان المتصفح على جهاز آخر فستظهر في النهاية صفحة لا تفتح: الصقوا عنوانها هنا.
mail-login-done = تم تسجيل دخول صندوق البريد.
