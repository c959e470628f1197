
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('action', models.CharField(max_length=120)),
                ('person_id', models.BigIntegerField(null=True)),
                ('token_id', models.BigIntegerField(null=True)),
                ('role', models.CharField(blank=True, max_length=20)),
                ('customer_id', models.BigIntegerField(null=True)),
                ('ids', models.JSONField(default=dict)),
                ('status', models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['-at'], name='entry_at'), models.Index(fields=['customer_id', '-at'], name='entry_customer'), models.Index(fields=['person_id', '-at'], name='entry_person'), django.contrib.postgres.indexes.GinIndex(fields=['ids'], name='entry_ids', opclasses=['jsonb_path_ops'])],
            },
        ),
    ]
