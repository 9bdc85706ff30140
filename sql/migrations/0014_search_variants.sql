-- What was indexed under variants of a character (臺) is found under the one that is asked for now (台), as in
-- media.search_tokens. Reading a tsvector from text merges what becomes the same word.
with variants as (
  select '臺裏着峯羣綫麪牀啓爲僞衆溼鷄佈週佔氾籤嚐傢唸慾捲遊祕恒脣踪迹蹟鍊託滙纔艷墻櫈糉腌汙銹吿户説産録値顔戱凈烟菸盃彫巖採邨劵喫姉閙鬪麽濶竪脚葯眞敎靑淸黃強內綠橫溫鄕冰妳煑痲蔴昇陞讚韮曬燻麯鎚' as written,
    '台裡著峰群線麵床啟為偽眾濕雞布周占泛簽嘗家念欲卷游秘恆唇蹤跡跡煉托匯才豔牆凳粽醃污鏽告戶說產錄值顏戲淨煙煙杯雕岩采村券吃姊鬧鬥麼闊豎腳藥真教青清黄强内緑横温鄉氷你煮麻麻升升贊韭晒薰麴錘' as folded
)
update videos set search = translate(search::text, written, folded)::tsvector
from variants where search::text ~ ('[' || written || ']');
