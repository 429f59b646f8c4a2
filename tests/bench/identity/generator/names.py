"""Names of the invented people, by community and by when they were fashionable. From general knowledge of the United Kingdom.

Names stand in falling order of frequency and are drawn by a Zipf law. British family names have a long tail that is
composed (Thornworth, Hazelcott): three hundred listed names would make everybody a namesake. Short forms and spellings
are lists of this generator, written without a look at the tables of services/identity.
"""

from typing import Final, NamedTuple

_STEMS: Final = """
    ash beck black brad brom brook burn cald carl chad chat clay cold corn cran crow dal den dray dun east eden ell fair
    farn fern gar gild glen gold grims hal ham hart hazel heath hollin hors hux ing kel kings lang lind litt long lyd mal
    mar mel mid mor mul nether new north oak ock old orm pem pen pick pres rad rams ray red rip rock roth rush sal scar
    sel shaw shel shir skel stain stan sted stock strat sud sut swin tad thorn tilling tol tun ul up wad wake wal war
    wat wel west whit wick win wing wit wood wool wrex yar yel
"""
_ENDINGS: Final = """
    ley ton worth well by ham ford field wood bury combe cott stead den er hurst land more ridge shaw stone thorpe wick
    man bourne brook croft dale gate grave hill house low mead ward
"""
STEMS: Final = _STEMS.split()
ENDINGS: Final = _ENDINGS.split()


class Community(NamedTuple):
    """Names that go together."""

    name: str
    share: float
    """Of all households. Minorities are larger than in the census, so that their figures mean something."""
    female: str
    male: str
    family: str
    middle: float
    """How many have a middle name."""


BRITISH: Final = Community(
    "british",
    0.70,
    """
    margaret patricia susan jean christine linda barbara ann sheila joan janet carol maureen dorothy pauline julie karen
    jacqueline deborah tracey jane helen diane sharon tracy angela sarah alison caroline amanda sandra nicola elizabeth
    catherine joanne lisa claire michelle emma rachel samantha kelly rebecca victoria laura natalie katherine louise
    gemma stephanie hannah jessica charlotte amy lauren sophie chloe emily megan georgia bethany lucy katie shannon jade
    olivia grace amelia ella ruby lily evie freya poppy isla mia ava daisy florence rosie phoebe matilda ivy harriet
    imogen eleanor beatrice thea orla heidi nancy darcie bonnie tabitha rowena gwendoline philippa rosalind cordelia
    marjorie winifred hilda edith doris ethel lorraine yvonne gillian lesley heather marion june wendy valerie kathleen
    """,
    """
    john david michael peter robert brian alan william paul james kenneth derek roy ronald anthony keith stephen barry
    terence raymond andrew mark ian kevin philip graham christopher simon colin martin gary neil nigel richard darren
    jason lee stuart craig wayne adrian dean scott matthew daniel thomas jonathan benjamin joshua luke adam ryan liam
    jack callum connor jordan nathan kieran lewis bradley kyle joseph samuel george harry oliver alfie charlie jacob
    oscar leo archie noah arthur freddie theo isaac henry edward max finley logan toby reuben jude elliot rory angus
    duncan hamish gareth rhys dylan owen evan huw iestyn clive desmond leonard norman stanley harold cyril reginald
    gerald maurice trevor malcolm geoffrey dennis douglas bernard frank
    """,
    """
    smith jones williams taylor brown davies evans wilson thomas roberts johnson lewis walker robinson wood thompson
    white watson jackson wright green harris cooper king lee martin clarke james morgan hughes edwards hill moore clark
    harrison scott young morris hall ward turner carter phillips mitchell patel adams campbell anderson allen cook
    bailey parker miller davis murphy price bell baker griffiths kelly simpson marshall collins bennett cox richardson
    fox gray rose chapman hunt robertson shaw reynolds lloyd ellis richards russell wilkinson khan graham stewart reid
    murray powell palmer holmes rogers stevens walsh hunter thomson matthews ross owen mason knight kennedy butler
    saunders cole pearce dean foster harvey hudson gibson mills berry barnes pearson kaur booth dixon grant gordon
    barker lane harper hamilton macdonald fraser lowe burton hart pritchard bowen rees vaughan probert hopkins beddoe
    """,
    0.72,
)
OTHERS: Final = (
    Community(
        "pakistani and bangladeshi",
        0.09,
        """
        fatima ayesha zainab maryam khadija shazia nasreen rukhsana samina saima shabana farzana rubina nadia sana hina
        bushra tahira yasmin naila asma amina sumaira razia parveen nusrat iqra aleena hafsa safiyya rabia kiran
        """,
        """
        mohammed muhammad ali ahmed imran tariq asif khalid shahid nadeem javed pervez zahid waqas bilal usman hamza
        hassan hussain abdul saeed tahir naveed kashif faisal adnan sajid rashid zubair yasir junaid ibrahim yusuf idris
        """,
        """
        khan ahmed hussain ali begum akhtar mahmood malik shah iqbal bibi butt mirza chaudhry rehman qureshi miah uddin
        sheikh rashid sadiq aslam rafiq siddiqui chowdhury raja bhatti aziz bashir hameed yousaf zaman latif rauf ghani
        """,
        0.15,
    ),
    Community(
        "indian",
        0.05,
        """
        priya anita sunita neha pooja kavita meena rekha jaspreet harpreet manpreet gurpreet kulwinder balwinder sukhvinder
        amarjit ranjit simran navdeep parminder deepa lakshmi shreya divya anjali nisha hema jyoti
        """,
        """
        raj sanjay vijay anil sunil rakesh suresh ramesh amit rahul harjit gurdeep baljit kuldeep jaswinder sukhdev
        manjit paramjit arjun rohan nikhil vikram ashok dinesh mahesh kiran hardeep inderjit
        """,
        """
        patel singh kaur sharma shah gill sandhu dhillon kumar mistry joshi desai mehta parmar chauhan grewal sidhu bains
        johal atwal rai kapoor gupta verma reddy nair pillai iyer bhatt solanki lad thakrar
        """,
        0.45,
    ),
    Community(
        "arabic and somali",
        0.03,
        """
        hodan ayaan faduma sahra amina asha hibo ifrah nimco khadra fawzia leila noor salma huda rania dina yasmin amal
        maryan sagal ubah zeinab
        """,
        """
        abdi mohamed ahmed hassan omar ali yusuf ibrahim abdirahman abdullahi mustafa khalid jamal salim tarek youssef
        bashir liban mahad guled warsame said nasir
        """,
        """
        mohamed ali hassan ahmed abdi omar farah jama warsame hussein ibrahim osman yusuf nur aden elmi duale hersi saleh
        al-masri haddad mansour khalil najjar kassem darwish
        """,
        0.35,
    ),
    Community(
        "west african",
        0.04,
        """
        ngozi chioma ifeoma funmilayo folasade temitope adaeze amara blessing abena akosua ama efua adwoa yetunde bukola
        nkechi chinwe titilayo omolara
        """,
        """
        emeka chinedu tunde babatunde kwame kofi kwabena yaw oluwaseun ayodele obinna ikenna segun femi kunle nnamdi
        chukwuemeka kwaku samuel emmanuel
        """,
        """
        okafor mensah adeyemi owusu okonkwo boateng adebayo osei asante balogun eze nwosu ogunleye agyemang appiah okoro
        adeleke ojo amoah oyelaran nwachukwu ofori sarpong danso bamidele
        """,
        0.6,
    ),
    Community(
        "polish and romanian",
        0.05,
        """
        anna katarzyna agnieszka malgorzata magdalena monika joanna ewa aleksandra natalia zofia julia ioana elena
        andreea cristina oana bogna dorota beata
        """,
        """
        piotr krzysztof tomasz pawel marcin andrzej michal lukasz jakub kamil mateusz wojciech grzegorz ion andrei mihai
        bogdan stefan radu jerzy
        """,
        """
        nowak kowalski wisniewski wojcik kaminski lewandowski zielinski szymanski wozniak dabrowski kozlowski jankowski
        mazur kwiatkowski krawczyk grabowski pawlowski popescu ionescu popa dumitru stan radu marin lazar
        """,
        0.2,
    ),
    Community(
        "chinese and vietnamese",
        0.015,
        "mei ling xiu yan hui fang jing li lan thi linh huong ngoc wai siu ka yuk",
        "wei jun ming hao chun kin wai man tuan minh duc hung quang chi ho yat tak",
        "chen wang li zhang liu chan wong cheung lam lau nguyen tran pham le hoang ho yip tang ng lin",
        0.3,
    ),
    Community(
        "irish",
        0.025,
        "siobhan niamh aoife ciara sinead orla roisin bridget mary kathleen noreen maeve grainne deirdre eileen caitlin",
        "patrick sean michael liam declan brendan seamus eoin padraig ciaran fergal cormac donal niall conor gerard",
        """
        murphy kelly o'sullivan walsh o'brien byrne ryan o'connor o'neill o'reilly doyle mccarthy gallagher doherty
        kennedy lynch murray quinn moore mclaughlin carroll connolly daly o'connell wilson dunne brennan burke
        """,
        0.6,
    ),
)

SHORT_FORMS: Final = """
    margaret:maggie,peggy,meg,madge patricia:pat,trish,patsy,tricia susan:sue,susie,suzy christine:chris,chrissie,tina
    barbara:barb,babs janet:jan dorothy:dot,dottie,dolly jacqueline:jackie,jacqui deborah:debbie,deb,debs
    angela:angie,ange caroline:caz,carrie amanda:mandy sandra:sandy nicola:nicky,nikki elizabeth:liz,beth,betty,lizzie,libby,eliza
    catherine:cath,cathy,kate,cat joanne:jo michelle:shell,chelle samantha:sam,sammy rebecca:becky,becca,bex
    victoria:vicky,tori natalie:nat,tilly katherine:kat,kath,katy,kitty stephanie:steph jessica:jess charlotte:lottie,charlie,char
    eleanor:ellie,nell,nellie,nora beatrice:bea,trixie philippa:pippa,pip winifred:winnie,freda gillian:gill,jill
    kathleen:kath,kathy,kay matilda:tilda,mattie georgia:georgie florence:flo,flossie harriet:hattie,harri imogen:immy
    olivia:liv,livvy amelia:millie,mel isabella:bella,izzy marjorie:marge,margie gwendoline:gwen rosalind:ros,lindy
    john:jack,johnny david:dave,davey,dai michael:mike,mick,mickey robert:bob,rob,bobby,robbie,bert william:bill,will,billy,willie
    james:jim,jimmy,jamie kenneth:ken,kenny derek:del ronald:ron,ronnie anthony:tony,ant stephen:steve,ste raymond:ray
    andrew:andy,drew philip:phil,pip christopher:chris,kit,topher martin:marty richard:rick,dick,rich,ricky,dickie
    matthew:matt,matty daniel:dan,danny thomas:tom,tommy jonathan:jon,jonny,nathan benjamin:ben,benny,benji joshua:josh
    joseph:joe,joey samuel:sam,sammy alfie:alf frederick:fred,freddy edward:ed,eddie,ted,ned,teddy leonard:len,lenny
    reginald:reg,reggie gerald:gerry,jerry geoffrey:geoff dennis:den,denny douglas:doug,dougie bernard:bernie
    nicholas:nick,nicky terence:terry,tel lawrence:larry,lol harold:harry,hal alexander:alex,sandy,lex,xander
    timothy:tim gregory:greg vincent:vince,vinny theodore:ted,theo maximilian:max patrick:paddy,pat,packie
    sukhvinder:sukhi,sukh harpreet:harps jaspreet:jas,jass manpreet:mani gurpreet:gurps,guri kulwinder:kully rajesh:raj
    mohammed:mo,moh muhammad:mo abdul:abs katarzyna:kasia agnieszka:aga,agi malgorzata:gosia,malgosia magdalena:magda
    aleksandra:ola,aleks joanna:asia krzysztof:krzys,kris wojciech:wojtek grzegorz:greg,grzes andrzej:andy,jedrek
    tomasz:tomek jakub:kuba oluwaseun:seun,olu folasade:sade funmilayo:funmi temitope:temi,tope babatunde:tunde,baba
    chukwuemeka:emeka siobhan:shiv seamus:shay emmanuel:manny,emma
"""
SPELLINGS: Final = """
    mohammed,muhammad,mohamed,mohammad,muhammed,mohamad,mahomed hussain,hussein,husain,hossain,husayn,houssein
    ahmed,ahmad,ahmet,akhmed yusuf,yousuf,yousef,yusof,youssef,yousaf hassan,hasan,hassen ali,aly ibrahim,ebrahim,ibraheem
    abdi,cabdi abdirahman,abdurrahman,abdulrahman,cabdiraxmaan abdullahi,abdullah,cabdullahi omar,umar,cumar,omer
    osman,usman,uthman,cismaan khadija,khadijah,khadeeja,xadiijo fatima,fatimah,faduma,fathima,fadumo aisha,ayesha,aysha,aishah,caasho
    zainab,zaynab,zeinab,zeynab maryam,mariam,maryan,miriam amina,aminah,aamina,ameena yasmin,yasmeen,yasmine,jasmin
    chaudhry,choudhury,chowdhury,choudhry,chaudhary,chaudhari mahmood,mehmood,mahmoud,mehmud iqbal,eqbal,ikbal
    malik,malek,maleek sheikh,shaikh,sheik,shaykh qureshi,koreshi,quraishi,kureshi begum,begam,beegum bibi,beebi,bebe
    siddiqui,siddiqi,siddique,seddiqi rehman,rahman,rehmaan,rahmaan saeed,said,sayeed,syed javed,javaid,jawed
    nadeem,nadim shahid,shaheed,shaahid khalid,khaled,khaalid tariq,tarik,tareq,tarek bilal,belal usama,osama
    jaswinder,jasvinder balwinder,balvinder kulwinder,kulvinder sukhvinder,sukhwinder gill,ghil singh,sing
    dhillon,dhilon,dillon sharma,sarma parveen,perveen,parvin,pervin rukhsana,ruksana nasreen,nasrin,nazreen
    abdul,abdel,abdoul hodan,xoodan farah,faarax warsame,warsama jama,jaamac hersi,xirsi nur,noor,nour
    wojcik,wojczyk kowalski,kovalski wisniewski,wisnewski andrzej,andrej krzysztof,christof aleksandra,alexandra
    katarzyna,katarina malgorzata,margareta zhang,chang,cheung chen,chan wong,wang,huang nguyen,ngyen liu,lau li,lee,lei
    okonkwo,okonquo mensah,mensa owusu,owusuh adeyemi,adeyeme siobhan,shivaun,chevonne niamh,neve,neave sean,shaun,shawn,shane
    aoife,eefa ciara,keira,kiera,ciera eoin,owen,eoghan conor,connor,konnor seamus,shamus orla,orlagh sinead,shinade
    catherine,katherine,kathryn,cathryn,katharine stephen,steven,stephan philip,phillip geoffrey,jeffrey,jeffery
    sarah,sara ann,anne lesley,leslie tracey,tracy,tracie clarke,clark,clerke thompson,thomson,tomson
    davies,davis,davys macdonald,mcdonald,m'donald gray,grey reid,reed,read stewart,stuart,steward allen,alan,allan
    harrison,harison philips,phillips,phillipps lloyd,loyd griffiths,griffith rees,reece,rhys pearce,pierce,peirce
    johnson,johnston,johnstone matthews,mathews simpson,simson o'brien,obrien,o'bryan o'neill,oneill,o'neil
    mccarthy,maccarthy doherty,dougherty,docherty gallagher,gallacher o'connor,oconnor,o'conner rebecca,rebekah
    jacqueline,jaqueline nicola,nichola michelle,michele alison,allison deborah,debra julie,julia
"""
