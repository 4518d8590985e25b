# The lab behind a small web server that sends its headers, without root:
#   docker build -t brecq-lab . && docker run --rm -p 8080:8080 brecq-lab
FROM node:20-slim AS build
WORKDIR /lab
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build:kernels && npm run build:decoders && npx vite build
# Packed once, here, and not at every request.
RUN find dist/page -type f -size +1k \( -name '*.js' -o -name '*.css' -o -name '*.json' -o -name '*.wasm' \) -exec gzip -k9 {} +

FROM nginxinc/nginx-unprivileged:stable-alpine
COPY hosting/nginx.conf /etc/nginx/conf.d/default.conf
COPY --from=build /lab/dist/page /usr/share/nginx/html
EXPOSE 8080
