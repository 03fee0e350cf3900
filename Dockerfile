# One image for web, worker, beat and the one-shot setup; docker-compose.yml says which is which.
FROM python:3.11-slim-bookworm

# Pango draws the text of the PDF reports (WeasyPrint).
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/base.txt

COPY manage.py ./
COPY common common
COPY schools schools
COPY standards standards
COPY evaluations evaluations
COPY accreditation accreditation
COPY reports reports
COPY spmi spmi
COPY static static
COPY templates templates

# The static files belong to the image, not to the data: a new image brings its own.
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SPMI_DATA_DIR=/data \
    SPMI_STATIC_ROOT=/app/staticfiles
RUN SPMI_MODE=embedded SPMI_DATA_DIR=/tmp/build SPMI_SECRET_KEY=only-for-this-build-step \
    python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /tmp/build

RUN useradd --uid 1000 --create-home spmi && install -d -o spmi -g spmi /data
USER spmi
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=6s --start-period=30s CMD ["python", "-m", "spmi.healthcheck"]
CMD ["gunicorn", "spmi.wsgi", "--bind", "0.0.0.0:8000", "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
