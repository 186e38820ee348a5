//! Common names of columns, by role: the most specific first.
//!
//! Names are compared without case, blanks and punctuation, so that `CustomerID`, `customer id` and `customer_id` are
//! one. Does not live here: which types fit a role (`guess`).

/// A name without case, blanks and punctuation.
pub(crate) fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The rank of `name` in the list of a role, from the most specific; none where it is not in it.
pub(crate) fn rank(name: &str, known: &[&str]) -> Option<usize> {
    let name = bare(name);
    known.iter().position(|known| *known == name)
}

/// Who bought. Names of people as such (`customer_name`) are not ids and are in no list.
pub(crate) const CUSTOMER: &[&str] = &[
    "customerid",
    "custid",
    "customeruniqueid",
    "customerno",
    "customernumber",
    "customerkey",
    "customercode",
    "clientid",
    "clientno",
    "clientcode",
    "userid",
    "uid",
    "memberid",
    "memberno",
    "membercode",
    "buyerid",
    "shopperid",
    "householdkey",
    "accountid",
    "accountno",
    "visitorid",
    "contactid",
    "customer",
    "client",
    "user",
    "member",
    "buyer",
    "客户编号",
    "客户id",
    "客户号",
    "客户代码",
    "顾客编号",
    "顾客id",
    "会员编号",
    "会员id",
    "会员号",
    "会员卡号",
    "用户id",
    "用户编号",
    "买家id",
    "买家编号",
    "客户",
    "顾客",
    "会员",
    "用户",
    "买家",
];

/// Which order.
pub(crate) const ORDER: &[&str] = &[
    "orderid",
    "orderno",
    "ordernumber",
    "ordernum",
    "orderkey",
    "ordercode",
    "ordersn",
    "invoiceid",
    "invoiceno",
    "invoicenumber",
    "transactionid",
    "transactionno",
    "receiptid",
    "receiptno",
    "basketid",
    "billid",
    "billno",
    "purchaseid",
    "saleid",
    "salesid",
    "ticketid",
    "order",
    "invoice",
    "transaction",
    "receipt",
    "basket",
    "订单号",
    "订单编号",
    "订单id",
    "交易号",
    "交易编号",
    "流水号",
    "小票号",
    "发票号",
    "单号",
    "单据号",
];

/// When.
pub(crate) const TIME: &[&str] = &[
    "orderts",
    "ordertimestamp",
    "orderdatetime",
    "ordertime",
    "orderdate",
    "orderpurchasetimestamp",
    "orderedat",
    "invoicedate",
    "invoicets",
    "purchasets",
    "purchasetimestamp",
    "purchasedate",
    "purchasetime",
    "purchasedat",
    "transactiondate",
    "transactiontime",
    "transactiontimestamp",
    "saledate",
    "saletime",
    "salesdate",
    "soldat",
    "paidat",
    "paytime",
    "paymentdate",
    "paymenttime",
    "eventtime",
    "eventts",
    "eventtimestamp",
    "eventdate",
    "createdat",
    "createtime",
    "createdtime",
    "createddate",
    "datetime",
    "timestamp",
    "date",
    "ts",
    "time",
    "day",
    "下单时间",
    "下单日期",
    "订单时间",
    "订单日期",
    "交易时间",
    "交易日期",
    "购买时间",
    "购买日期",
    "付款时间",
    "支付时间",
    "消费时间",
    "消费日期",
    "销售日期",
    "创建时间",
    "日期",
    "时间",
];

/// What of it is profit, as an amount and not as a share.
pub(crate) const MARGIN: &[&str] = &[
    "margin",
    "marginamount",
    "grossmargin",
    "contributionmargin",
    "contribution",
    "profit",
    "grossprofit",
    "netprofit",
    "profitamount",
    "利润",
    "毛利",
    "毛利额",
    "利润额",
];

/// How much in total.
pub(crate) const AMOUNT: &[&str] = &[
    "amount",
    "orderamount",
    "totalamount",
    "netamount",
    "paidamount",
    "amountpaid",
    "payamount",
    "salesamount",
    "saleamount",
    "transactionamount",
    "amt",
    "revenue",
    "netrevenue",
    "linetotal",
    "ordertotal",
    "totalprice",
    "nettotal",
    "grandtotal",
    "total",
    "subtotal",
    "salesvalue",
    "ordervalue",
    "paymentvalue",
    "purchaseamount",
    "sales",
    "sale",
    "turnover",
    "spend",
    "spent",
    "payment",
    "paid",
    "value",
    "monetary",
    "grossamount",
    "实付金额",
    "支付金额",
    "付款金额",
    "订单金额",
    "交易金额",
    "消费金额",
    "销售金额",
    "销售额",
    "金额",
    "总金额",
    "总价",
    "应付金额",
];

/// How many.
pub(crate) const QUANTITY: &[&str] =
    &["quantity", "qty", "orderquantity", "units", "pieces", "itemcount", "购买数量", "商品数量", "销售数量", "数量"];

/// For how much each.
pub(crate) const UNIT_PRICE: &[&str] = &[
    "unitprice",
    "priceperunit",
    "itemprice",
    "priceeach",
    "sellingprice",
    "saleprice",
    "price",
    "商品单价",
    "单价",
    "价格",
];

/// What happened, where rows are events of many kinds.
pub(crate) const EVENT: &[&str] = &[
    "eventtype",
    "eventname",
    "event",
    "action",
    "actiontype",
    "activity",
    "activitytype",
    "behavior",
    "behaviour",
    "behaviortype",
    "behaviourtype",
    "interaction",
    "interactiontype",
    "事件类型",
    "事件",
    "行为类型",
    "行为",
];

/// What became of the order, or what kind of row it is.
pub(crate) const STATUS: &[&str] = &[
    "status",
    "orderstatus",
    "paymentstatus",
    "financialstatus",
    "transactionstatus",
    "linestatus",
    "orderstate",
    "state",
    "kind",
    "type",
    "transactiontype",
    "ordertype",
    "recordtype",
    "linetype",
    "订单状态",
    "状态",
    "交易类型",
    "类型",
];

/// In which money.
pub(crate) const CURRENCY: &[&str] = &[
    "currency",
    "currencycode",
    "ordercurrency",
    "presentmentcurrency",
    "paymentcurrency",
    "currencyiso",
    "isocurrency",
    "币种",
    "货币",
    "货币代码",
];

/// What a row of an event stream is called where somebody bought: the most specific first.
pub(crate) const PURCHASES: &[&str] = &[
    "purchase",
    "purchased",
    "ordercompleted",
    "completedorder",
    "orderplaced",
    "placedorder",
    "checkoutcompleted",
    "buy",
    "bought",
    "order",
    "ordered",
    "sale",
    "sold",
    "transaction",
    "payment",
    "paid",
    "pay",
    "购买",
    "下单",
    "支付",
    "付款",
    "成交",
];

/// Parts of words that speak of what was taken back.
pub(crate) const TAKEN_BACK: &[&str] = &[
    "refund",
    "return",
    "cancel",
    "chargeback",
    "storno",
    "void",
    "credit note",
    "creditnote",
    "退款",
    "退货",
    "取消",
];

/// Whether a name or a value speaks of what was taken back.
pub(crate) fn is_taken_back(text: &str) -> bool {
    let text = text.to_lowercase();
    TAKEN_BACK.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_matter() {
        for name in ["CustomerID", "customer_id", "Customer ID", "customer-id", "CUSTOMERID"] {
            assert_eq!(rank(name, CUSTOMER), Some(0), "{name}");
        }
        assert_eq!(rank("customer_name", CUSTOMER), None);
        assert!(rank("客户编号", CUSTOMER) < rank("客户", CUSTOMER));
        assert_eq!(bare(" 用户 ID_"), "用户id");
        assert!(is_taken_back("Refunded") && is_taken_back("total_refund") && !is_taken_back("completed"));
    }

    #[test]
    fn every_known_name_is_bare_and_in_one_list() {
        let all: Vec<&&str> = [CUSTOMER, ORDER, TIME, AMOUNT, QUANTITY, UNIT_PRICE, MARGIN, EVENT, STATUS, CURRENCY]
            .into_iter()
            .flatten()
            .collect();
        for (index, name) in all.iter().enumerate() {
            assert_eq!(bare(name), **name);
            assert!(!all[..index].contains(name), "{name} twice");
        }
    }
}
