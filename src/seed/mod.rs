pub async fn x(){}
