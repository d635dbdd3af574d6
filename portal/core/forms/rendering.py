"""How every form of the portal is drawn."""

from django.forms.renderers import TemplatesSetting


class PortalRenderer(TemplatesSetting):
    """Draw fields with the portal's own templates; `{{ form.email.as_field_group }}` does the rest.

    Named in the setting FORM_RENDERER. It finds templates where pages find them, so
    `django.forms` must be installed for the widgets that the portal leaves as they are.
    """

    field_template_name = "forms/field.html"
