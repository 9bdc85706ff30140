-- The words of a text in order, lower case, with full-width and variant characters folded; Chinese, Japanese and Korean
-- runs as single characters (gram 1) and overlapping pairs (gram 2); other words have gram 0. No token holds a quote or
-- backslash. Called by media.search_document, media.search_query, media.learn_words, media.correct_query. Raises nothing.
create function media.search_tokens(p_text text) returns table (token text, gram int, run bigint, place int)
language sql immutable as $$
  with runs as (
    select m[1] as wide, m[2] as word, n
    from regexp_matches(translate(lower(normalize(p_text, NFKC)),
      -- Characters that people in Taiwan and Hong Kong write one for the other (臺北, 台北).
      '臺裏着峯羣綫麪牀啓爲僞衆溼鷄佈週佔氾籤嚐傢唸慾捲遊祕恒脣踪迹蹟鍊託滙纔艷墻櫈糉腌汙銹吿户説産録値顔戱凈烟菸盃彫巖採邨劵喫姉閙鬪麽濶竪脚葯眞敎靑淸黃強內綠橫溫鄕冰妳煑痲蔴昇陞讚韮曬燻麯鎚',
      '台裡著峰群線麵床啟為偽眾濕雞布周占泛簽嘗家念欲卷游秘恆唇蹤跡跡煉托匯才豔牆凳粽醃污鏽告戶說產錄值顏戲淨煙煙杯雕岩采村券吃姊鬧鬥麼闊豎腳藥真教青清黄强内緑横温鄉氷你煮麻麻升升贊韭晒薰麴錘'),
      '([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]+)' ||
      '|([^\u0001-\u002f\u003a-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff' ||
      '\uac00-\ud7a3\uf900-\ufaff\ufe00-\ufe6f\uff00-\uff0f\U00020000-\U0003ffff]+)', 'g')
      with ordinality as r(m, n)
  )
  select left(word, 64), 0, n, 1 from runs where word is not null
  union all
  select substr(wide, i, size), size, n, i
  from runs, generate_series(1, length(wide)) as i, generate_series(1, 2) as size
  where wide is not null and i + size - 1 <= length(wide)
$$;
