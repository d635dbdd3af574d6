from django.urls import path

from portal.demo import views

app_name = "demo"

urlpatterns = [
    path("demo/mail/", views.mails, name="mails"),
    path("demo/mail/<int:pk>/", views.mail, name="mail"),
    path("demo/mail/<int:pk>/html/", views.mail_html, name="mail_html"),
    path("demo/mail/<int:pk>/calendar.ics", views.mail_calendar, name="mail_calendar"),
    path("demo/mail/<int:mail_pk>/documents/<int:pk>/", views.document, name="document"),
]
