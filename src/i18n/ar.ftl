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
count-files = { $count ->
    [zero] لا مرفقات
    [one] مرفق واحد
    [two] مرفقان
    [few] { $count } مرفقات
    [many] { $count } مرفقًا
   *[other] { $count } مرفق
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

## أخطاء الإرسال والإشعارات

send-throttled = طلبت الشبكة التمهل، وسنعيد المحاولة.
send-unreachable = تعذّر الوصول إلى الشبكة، وسنعيد المحاولة.
send-rejected = رفضت الشبكة الرسالة. راجعوا العنوان مع صاحب الطلب.
send-invalid = لا يمكن إرسال هذه الرسالة عبر هذه القناة. جرّبوا عنوانًا آخر.
send-misconfigured = إعداد القناة غير صحيح. أخبروا مسؤول النظام.
send-stopped = أوقف المستلم رسائلنا. تواصلوا معه بطريقة أخرى.
send-uncertain = سُلّمت الرسالة ولم يصلنا تأكيد، وسنعيد المحاولة.

delivery-queued = في انتظار الإرسال
delivery-sent = أُرسلت
delivery-retrying = لم تصل بعد، وسنعيد المحاولة
delivery-given_up = تعذّر إرسالها
delivery-withheld = لم تُرسل
delivery-bounced = ارتدت ولم تصل

withheld-auto_reply = لأن الرسالة كتبها مجيب آلي
withheld-bounce = لأن الرسالة تقرير ارتداد
withheld-bulk = لأن الرسالة من قائمة بريدية
withheld-own = لأن العنوان من عناويننا
withheld-rate = لأن هذا العنوان استلم إشعارات كثيرة في هذه الساعة

attachment-too-big = الملف أكبر من المسموح
attachment-unavailable = تعذّر جلب الملف
attachment-refused = نوع الملف غير مسموح

## أخطاء النماذج: ما الخطأ، وما العمل

fault-missing = هذا السؤال لا بد منه. اكتبوا الجواب هنا.
fault-too_long = النص أطول من المسموح. اختصروه، أو أرفقوه ملفًا.
fault-not_a_number = اكتبوا رقمًا فقط، مثل 5.
fault-not_a_date = اكتبوا التاريخ هكذا: 2026-11-23.
fault-not_offered = اختاروا واحدًا من القائمة.
fault-phone = رقم الهاتف غير صحيح. اكتبوه هكذا: 0551234567.
fault-mail = البريد الإلكتروني غير صحيح. اكتبوه هكذا: name@example.com.
fault-text_missing = اكتبوا رسالتكم هنا، أو أرفقوا رسالة صوتية أو صورة.
fault-declare = ضعوا علامة في هذا المربع لنتمكن من استلام الطلب.
fault-file_too_big = أحد الملفات أكبر من المسموح. أرسلوا ملفًا أصغر.
fault-too_many_files = الملفات كثيرة. أرسلوا بعضها الآن، والباقي في رسالة لاحقة.
fault-reference = رقم الطلب غير صحيح. راجعوا الأرقام رقمًا رقمًا.
fault-pin = الرقم السري ستة أرقام.
fault-track = لا يوجد طلب بهذين الرقمين معًا. راجعوا رقم الطلب والرقم السري.
fault-sign_in = البريد أو كلمة المرور غير صحيحة. حاولوا مرة أخرى.
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
