#!/usr/bin/env bash
# Generates the demo film with ffmpeg and writes it to film/. The moon crosses a night sky, and a bell rings every six seconds.
set -euo pipefail
cd "$(dirname "$0")"
seconds=72
rm -rf film && mkdir film

# The moon and the hills are rendered once and then repeated, because the geq filter is slow.
sky="gradients=s=640x360:c0=0x0b1030:c1=0x3a2a5e:x0=0:y0=0:x1=0:y1=360:d=$seconds:r=12:speed=0.00001"
moon="color=0xf4ede2:s=72x72:d=$seconds:r=12,format=yuva420p,geq=lum='lum(X,Y)-18*lt(hypot(X-26,Y-30),9)-14*lt(hypot(X-46,Y-44),7)':cb='cb(X,Y)':cr='cr(X,Y)':a='255*clip(36-hypot(X-36,Y-36),0,1)',trim=end_frame=1,loop=-1:1:0,setpts=N/12/TB,trim=duration=$seconds"
hills="color=0x05060f:s=640x360:d=$seconds:r=12,format=yuva420p,geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='255*gt(Y,300-28*sin(X/90)-16*sin(X/37+2))',trim=end_frame=1,loop=-1:1:0,setpts=N/12/TB,trim=duration=$seconds"
path="x='t/$seconds*(W+w)-w':y='60+160*pow(2*t/$seconds-1,2)'"
# The sound is a low drone and a bell with two overtones.
sound="aevalsrc='0.05*sin(2*PI*110*t)*(1+0.4*sin(2*PI*t/9))+0.04*sin(2*PI*165*t)+0.28*exp(-1.6*mod(t,6))*(sin(2*PI*523*t)+0.5*sin(2*PI*1046*t)+0.25*sin(2*PI*1569*t))':s=22050:d=$seconds"

ffmpeg -hide_banner -loglevel error \
  -f lavfi -i "$sky" -f lavfi -i "$moon" -f lavfi -i "$hills" -f lavfi -i "$sound" \
  -filter_complex "[0][1]overlay=$path[night];[night][2]overlay,format=yuv420p[picture]" -map '[picture]' -map 3:a \
  -c:v libx264 -profile:v main -level:v 3.0 -preset veryslow -tune animation -crf 34 -g 48 -keyint_min 48 -sc_threshold 0 \
  -c:a aac -b:a 24k -ac 1 -t "$seconds" -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
  -f hls -hls_time 4 -hls_playlist_type vod -hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4 \
  -hls_segment_filename 'film/%02d.m4s' film/video.m3u8

cp captions.vtt film/captions.vtt
cat > film/captions.m3u8 <<END
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:$seconds
#EXT-X-PLAYLIST-TYPE:VOD
#EXTINF:$seconds.0,
captions.vtt
#EXT-X-ENDLIST
END
cat > film/master.m3u8 <<'END'
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound",URI="captions.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=90000,RESOLUTION=640x360,FRAME-RATE=12.000,CODECS="avc1.4d401e,mp4a.40.2",SUBTITLES="captions"
video.m3u8
END
